"""The sidecar as a service: who may ask, how, and one run after the other."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from memory_sidecar.errors import SidecarError, SidecarUnreachable
from memory_sidecar.remote_client import RemoteClient, RunUnknown
from rundir import RunDirectory, read_events
from tests.remote.service import (
    ROOT,
    TOKEN,
    TOKENS,
    Sidecar,
    holding_target,
    make_certificate,
    run_of,
    sidecar,
    tls,
    wait_for,
)

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def target() -> Iterator[int]:
    with holding_target() as pid:
        yield pid


@pytest.fixture
def served(target: int, tmp_path: Path) -> Iterator[Sidecar]:
    with sidecar(tmp_path / "watch", "--pid", str(target)) as found:
        yield found


def refused(*words: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "memory_sidecar", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=TOKENS | env,
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_two_runs_one_after_the_other_have_a_folder_each(served: Sidecar) -> None:
    client = served.client()
    run_of(client, "first")
    run_of(client, "second")
    for name in ("first", "second"):
        events, torn = read_events(RunDirectory(served.folder / name).events)
        told = [event.name for event in events]
        assert {"sidecar_started", "phase_started", "phase_ended", "sidecar_stopped"} <= set(told)
        assert torn == 0
    assert served.end() == 0


def test_marks_are_set_back_in_every_run_although_it_was_watched_before(served: Sidecar) -> None:
    client = served.client()
    wait_for(lambda: _is_idle(client))
    run_of(client, "one")
    run_of(client, "two")
    for name in ("one", "two"):
        events, _ = read_events(served.folder / name / "events.jsonl")
        (ended,) = [event for event in events if event.name == "phase_ended"]
        assert ended.fields["since_start"] is False


def _has_ticks(client: RemoteClient) -> bool:
    return client.status().ticks > 3


def _is_idle(client: RemoteClient) -> bool:
    try:
        return client.status().state == "idle" and client.status().ticks > 0
    except SidecarUnreachable:
        return False


def test_a_wrong_token_is_refused_and_health_needs_none(served: Sidecar) -> None:
    with pytest.raises(SidecarError, match="refuses the token"):
        served.client(token="wrong").begin_run("run", 0.1)
    with urllib.request.urlopen(served.url + "/v1/health") as answer:
        assert json.load(answer) == {"ok": True}
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(served.url + "/v1/clock")


@pytest.mark.parametrize("name", ["..", "../x", "/var/x", ".hidden", "a/b", "", "a\\b", "x" * 200])
def test_a_run_cannot_be_named_out_of_its_folder(served: Sidecar, name: str) -> None:
    with pytest.raises(SidecarError, match="expected a name"):
        served.client().begin_run(name, 0.1)


def test_only_files_of_a_run_are_given_out(served: Sidecar) -> None:
    client = served.client()
    run_of(client, "run")
    (served.folder / "run" / "secret.txt").write_text("x")
    for file in ("secret.txt", "..%2fother", "../../etc/passwd"):
        with pytest.raises(SidecarUnreachable, match=r"40[04]"):
            client.chunk(file, 0)
    assert "secret.txt" not in [file.name for file in client.files()[0]]


def test_while_one_run_goes_on_another_is_refused(served: Sidecar) -> None:
    served.client().begin_run("mine", 0.1)
    other = served.client()
    with pytest.raises(SidecarError, match="another run goes on: mine"):
        other.begin_run("theirs", 0.1)
    with pytest.raises(RunUnknown, match="another run goes on"):
        other.report_load(1, 0, 0)


def test_begun_again_under_its_name_a_run_goes_on(served: Sidecar) -> None:
    client = served.client()
    assert client.begin_run("run", 0.1)["resumed"] is False
    assert client.begin_run("run", 0.1)["resumed"] is True


def test_a_sidecar_that_is_started_again_goes_on_with_the_run_in_its_clock(
    target: int, tmp_path: Path
) -> None:
    words = ("--pid", str(target))
    with sidecar(tmp_path / "watch", *words) as first:
        client = first.client()
        client.begin_run("run", 0.05)
        wait_for(lambda: client.status().ticks > 3)
        first.process.kill()
        first.process.wait()
    with sidecar(tmp_path / "watch", *words) as second:
        client = second.client()
        assert client.begin_run("run", 0.05)["resumed"] is True
        wait_for(lambda: client.status().ticks > 3)
        client.stop("completed")
        wait_for(lambda: not client.goes_on())
    events, _ = read_events(tmp_path / "watch" / "run" / "events.jsonl")
    began = [event for event in events if event.name == "sidecar_started"]
    offsets = {round(event.time - event.monotonic, 3) for event in began}
    assert len(began) == 2
    assert len(offsets) == 1


def test_a_target_that_went_with_its_sidecar_is_told_when_both_are_back(tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    pids = []
    for _ in range(2):
        with holding_target() as pid, sidecar(folder, "--pid", str(pid)) as found:
            pids.append(pid)
            client = found.client()
            client.begin_run("run", 0.05)
            wait_for(partial(_has_ticks, client))
            found.process.kill()
            found.process.wait()
    events, _ = read_events(folder / "run" / "events.jsonl")
    (told,) = [event for event in events if event.name == "target_restarted"]
    assert [told.fields["old_pid"], told.fields["pid"]] == pids
    assert told.fields["unseen"] is True


def test_it_waits_for_its_target_and_says_so(tmp_path: Path) -> None:
    with sidecar(tmp_path / "watch", "--name", "nobody-is-called-[t]his") as found:
        with pytest.raises(SidecarError, match="no command line matches"):
            found.client().begin_run("run", 0.1)
        log = tmp_path / "watch.log"
        wait_for(lambda: "waiting for the target" in log.read_text())


def test_over_tls_the_certificate_is_verified(target: int, tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    with sidecar(tmp_path / "watch", "--pid", str(target), *made.words) as found:
        assert found.url.startswith("https://127.0.0.1:")
        trusting = RemoteClient(found.url, TOKEN, tls(made.certificate))
        run_of(trusting, "run")
        with pytest.raises(SidecarUnreachable, match="certificate is not trusted"):
            found.client().status()
        with pytest.raises(SidecarUnreachable, match="does not answer"):
            found.client(found.url.replace("https", "http")).status()
        wait_for(lambda: _is_idle(trusting))
    assert "Traceback" not in (tmp_path / "watch.log").read_text()


def test_tls_to_a_plain_port_says_what_is_wrong(served: Sidecar) -> None:
    with pytest.raises(SidecarUnreachable, match="does not speak TLS"):
        served.client(served.url.replace("http", "https")).status()


def test_what_cannot_work_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert "needs --remote" in refused("--pid", "1", "--serve", "0.0.0.0:0")
    assert "needs --serve" in refused("--pid", "1", "--remote", "--run-dir", folder)
    assert "HOST:PORT" in refused("--pid", "1", "--serve", "here:99999")
    words = ("--pid", "1", "--remote", "--serve", "0", "--run-dir", folder)
    assert "give both" in refused(*words, "--tls-cert", folder)
    assert "PEM" in refused(*words, "--tls-cert", folder, "--tls-key", folder)
    assert "needs a token" in refused(*words, PLIMSOLL_SIDECAR_TOKEN="")


def test_open_to_others_without_tls_it_warns_once(target: int, tmp_path: Path) -> None:
    with sidecar(tmp_path / "watch", "--pid", str(target), address="0.0.0.0:0"):
        assert (tmp_path / "watch.log").read_text().count("unencrypted") == 1
