"""The sidecar as a process, on a process that allocates and forks."""

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_sidecar.client import SidecarClient
from memory_sidecar.errors import SidecarUnreachable
from rundir import read_events

pytestmark = pytest.mark.live

TARGET = (
    "import os, sys, time\n"
    "held = bytearray(b'x' * (50 << 20))\n"
    "child = os.fork()\n"
    "print(child, flush=True) if child else None\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def target() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", TARGET], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "memory_sidecar", *words]


def serve(pid: int, run: Path, *words: str) -> tuple["subprocess.Popen[bytes]", SidecarClient]:
    sidecar = subprocess.Popen(
        command("--pid", str(pid), "--serve", "--owned", "--run-dir", str(run), *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PLIMSOLL_SIDECAR_TOKEN": "right"},
    )
    assert sidecar.stdout is not None
    url = json.loads(sidecar.stdout.readline())["url"]
    return sidecar, SidecarClient(url, "right")


def wait_for_ticks(client: SidecarClient, more: int) -> None:
    start = client.status().ticks
    while client.status().ticks < start + more:
        os.sched_yield()


def rows(run: Path, file: str = "memory_samples.csv") -> list[dict[str, str]]:
    with (run / file).open() as stream:
        return list(csv.DictReader(stream))


def names(run: Path) -> list[str]:
    return [event.name for event in read_events(run / "events.jsonl")[0]]


def test_alone_it_ends_with_a_summary_as_json(target: "subprocess.Popen[bytes]") -> None:
    done = subprocess.run(
        command("--pid", str(target.pid), "--duration", "0.6", "--json"),
        capture_output=True,
        check=True,
        text=True,
    )
    summary = json.loads(done.stdout)
    assert summary["samples"] >= 5
    # 50 MiB shared by parent and child count once, beside two interpreters; twice, they are 100.
    assert 50 << 20 < summary["peak_bytes"] < 100 << 20
    assert summary["measure"] == "PSS"


def test_samples_carry_the_announced_phase_and_users(
    target: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    sidecar, client = serve(target.pid, tmp_path)
    client.announce_phase("load", index=1, users=7, seconds=2.0)
    wait_for_ticks(client, 4)
    assert client.report_load(9, 100, 0).phase == "load"
    wait_for_ticks(client, 3)
    assert len(client.samples()["rows"]) >= 7
    client.stop("completed")
    assert sidecar.wait(timeout=10) == 0
    tagged = {(row["phase"], row["users"]) for row in rows(tmp_path)}
    assert {("load", "7"), ("load", "9")} <= tagged
    assert {row["processes"] for row in rows(tmp_path)} == {"2"}
    assert {"phase_started", "phase_ended", "sidecar_stopped", "process_started"} <= set(
        names(tmp_path)
    )
    assert {row["role"] for row in rows(tmp_path, "process_samples.csv")} == {"root", "child"}


def test_a_wrong_token_is_refused(target: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    sidecar, client = serve(target.pid, tmp_path)
    stranger = SidecarClient(client._url, "wrong")
    with pytest.raises(SidecarUnreachable, match="401"):
        stranger.stop("no")
    client.stop("completed")
    sidecar.wait(timeout=10)


def test_metrics_are_prometheus_text(target: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    import urllib.request

    sidecar, client = serve(target.pid, tmp_path)
    wait_for_ticks(client, 2)
    request = urllib.request.Request(
        client._url + "/metrics", headers={"Authorization": "Bearer right"}
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    assert "plimsoll_target_rss_bytes " in text
    assert 'plimsoll_phase_info{phase="unphased"} 1.0' in text
    client.stop("completed")
    sidecar.wait(timeout=10)


def test_an_owner_that_goes_away_ends_the_watch_with_an_event(
    target: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    sidecar, client = serve(target.pid, tmp_path)
    wait_for_ticks(client, 2)
    assert sidecar.stdin is not None
    sidecar.stdin.close()
    assert sidecar.wait(timeout=10) == 0
    assert names(tmp_path)[-3:] == ["generator_lost", "sidecar_stopped", "run_ended"]


def test_a_target_that_dies_leaves_empty_cells_and_an_event(
    target: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    sidecar, client = serve(target.pid, tmp_path)
    wait_for_ticks(client, 2)
    os.killpg(target.pid, signal.SIGKILL)
    target.wait()
    while client.status().target_alive:
        os.sched_yield()
    wait_for_ticks(client, 2)
    client.stop("completed")
    sidecar.wait(timeout=10)
    assert rows(tmp_path)[-1]["rss"] == ""
    assert "target_lost" in names(tmp_path)


def test_a_killed_sidecar_leaves_rows_that_can_be_read_and_continued(
    target: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    sidecar, client = serve(target.pid, tmp_path)
    wait_for_ticks(client, 3)
    sidecar.kill()
    sidecar.wait()
    before = len(rows(tmp_path))
    sidecar, client = serve(target.pid, tmp_path)
    wait_for_ticks(client, 3)
    client.stop("completed")
    sidecar.wait(timeout=10)
    after = rows(tmp_path)
    assert len(after) >= before + 3 > 3
    assert all(None not in row.values() for row in after)


def test_an_alert_is_told_at_once_and_kept(
    target: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    sidecar, client = serve(target.pid, tmp_path, "--limit", "60MiB")
    assert sidecar.stdout is not None
    told = json.loads(sidecar.stdout.readline())["alert"]
    assert told["level"] == 80
    assert "of the given limit, 60.0 MiB" in told["text"]
    client.stop("completed")
    sidecar.wait(timeout=10)
    assert "alert" in names(tmp_path)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--pid", "4194000"), "there is no process 4194000"),
        (("--port", "1"), "nobody listens on port 1"),
        (("--name", "no-such-process-x"), "no command line matches"),
        (("--pid", "1", "--interval", "0"), "--interval 0: expected"),
        (("--pid", "1", "--duration", "-1"), "--duration -1"),
        (("--pid", "1", "--serve"), "--serve needs a token"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words: tuple[str, ...], expected: str) -> None:
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert expected in done.stderr
