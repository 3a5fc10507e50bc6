"""Files on a wire that is cut, spoils bytes, or stays down; and clocks that differ."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.pulling.puller import FileDiffers, Puller
from memory_sidecar.errors import SidecarUnreachable
from memory_sidecar.remote_client import RemoteClient, RemoteFile
from rundir import EventLog, RunClock, RunDirectory, read_events
from tests.remote.service import ROOT, TOKENS, Sidecar, holding_target, run_of, sidecar
from tests.remote.wire import Wire

pytestmark = pytest.mark.live

OFFSET_SECONDS = 1234.5


@pytest.fixture(scope="module")
def target() -> Iterator[int]:
    with holding_target() as pid:
        yield pid


@pytest.fixture
def served(target: int, tmp_path: Path) -> Iterator[Sidecar]:
    with sidecar(tmp_path / "watch", "--pid", str(target)) as found:
        yield found


@pytest.fixture
def wire(served: Sidecar) -> Iterator[Wire]:
    made = Wire(served.port)
    yield made
    made.close()


def over(wire: Wire, served: Sidecar, run: str = "run") -> RemoteClient:
    client = served.client(f"http://127.0.0.1:{wire.port}")
    client.work_on(run)
    return client


def grow(served: Sidecar, run: str, rows: int) -> bytes:
    """As if the run had been a long one: its table then takes several pieces."""
    table = served.folder / run / "memory_samples.csv"
    last = table.read_bytes().splitlines(keepends=True)[-1]
    with table.open("ab") as stream:
        stream.write(last * rows)
    return table.read_bytes()


def into(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path / "run" / "pulled" / "target")


def test_a_copy_goes_on_where_the_connection_broke(
    served: Sidecar, wire: Wire, tmp_path: Path
) -> None:
    run_of(served.client(), "run")
    whole = grow(served, "run", 30_000)
    assert len(whole) > 3 << 20
    client = over(wire, served)
    asked: list[int] = []
    chunk = client.chunk

    def noting(file: str, offset: int) -> bytes:
        asked.append(offset)
        if len(asked) == 3:
            wire.cut_after = 300_000
        return chunk(file, offset)

    client.chunk = noting  # type: ignore[method-assign]
    Puller(client, into(tmp_path)).finish()
    assert wire.cuts == 1
    assert into(tmp_path).memory_samples.read_bytes() == whole
    large = [offset for offset in asked if offset >= 1 << 20]
    # The piece that was cut is asked for again, and none before it.
    assert large == sorted(large)


def test_a_byte_spoilt_on_the_way_is_noticed_and_fetched_again(
    served: Sidecar, wire: Wire, tmp_path: Path
) -> None:
    run_of(served.client(), "run")
    whole = grow(served, "run", 10_000)
    wire.flip_after = 500_000
    Puller(over(wire, served), into(tmp_path)).finish()
    assert wire.flips == 1
    assert into(tmp_path).memory_samples.read_bytes() == whole


def test_a_copy_with_another_checksum_is_fetched_anew(served: Sidecar, tmp_path: Path) -> None:
    run_of(served.client(), "run")
    client, copy = served.client(), into(tmp_path)
    client.work_on("run")
    Puller(client, copy).step()
    whole = copy.memory_samples.read_bytes()
    copy.memory_samples.write_bytes(b"X" + whole[1:])
    Puller(client, copy).finish()
    assert copy.memory_samples.read_bytes() == whole


def test_a_checksum_that_never_fits_is_told(served: Sidecar, tmp_path: Path) -> None:
    run_of(served.client(), "run")
    client = served.client()
    client.work_on("run")
    listed = client.files

    def lying() -> tuple[list[RemoteFile], str | None]:
        return [RemoteFile(file.name, file.size, "0" * 64) for file in listed()[0]], None

    client.files = lying  # type: ignore[method-assign]
    with pytest.raises(FileDiffers, match="another checksum"):
        Puller(client, into(tmp_path)).finish()


def test_a_wire_that_stays_down_ends_the_patience(
    served: Sidecar, wire: Wire, tmp_path: Path
) -> None:
    run_of(served.client(), "run")
    wire.down()
    with pytest.raises(SidecarUnreachable, match="does not answer"):
        Puller(over(wire, served), into(tmp_path)).finish(patience_seconds=0.5)


def begun_run(tmp_path: Path, url: str) -> tuple[RunDirectory, RunClock, EventLog]:
    """A run directory as the harness leaves it when it cannot reach the sidecar any more."""
    directory, clock = RunDirectory(tmp_path / "run"), RunClock.start()
    directory.path.mkdir()
    record: dict[str, Any] = {"schema": 1, "ended": clock.now(), "end_reason": "completed"}
    directory.write_run_json(record | {"targets": [{"name": "target", "url": url, "host": {}}]})
    log = EventLog(directory.events, clock)
    log.append("run_started", pid=None)
    return directory, clock, log


def pull_command(directory: RunDirectory, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "harness.pulling", *words, str(directory.path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | TOKENS,
    )


def test_a_clock_that_is_wrong_is_set_right_within_its_uncertainty(
    target: int, tmp_path: Path
) -> None:
    """The faked clock is behind ours by OFFSET_SECONDS; the announcements are in ours."""
    fake = RunClock(time.time() - OFFSET_SECONDS, time.monotonic())
    with sidecar(tmp_path / "watch", "--pid", str(target), "--clock", str(fake)) as served:
        directory, clock, log = begun_run(tmp_path, served.url)
        client = served.client()
        client.begin_run("run", 0.05)
        found = client.measure_offset(clock)
        log.append(
            "clock_offset",
            sidecar="target",
            offset_seconds=found.wall,
            monotonic_offset=found.monotonic,
            uncertainty_seconds=found.uncertainty,
        )
        now = time.monotonic()
        client.announce_phase(
            "load", index=0, users=3, seconds=1.0, time=clock.at(now), monotonic=now
        )
        log.append("phase_started", phase="load", index=0, time=clock.at(now), monotonic=now)
        while client.status().ticks < 8:
            time.sleep(0.02)
        ended = time.monotonic()
        log.append("phase_ended", phase="load", index=0, time=clock.at(ended), monotonic=ended)
        log.close()
        done = pull_command(directory, "--no-report")
        assert done.returncode == 0, done.stderr
        raw, _ = read_events(served.folder / "run" / "events.jsonl")
    true_offset = clock.at(now) - fake.at(now)
    assert abs(found.wall - true_offset) <= found.uncertainty < 0.05
    # What was announced in our clock was told in the sidecar's.
    (theirs,) = [event for event in raw if event.name == "phase_started"]
    assert abs(theirs.time - fake.at(now)) <= found.uncertainty
    with directory.memory_samples.open() as stream:
        times = [float(row["time"]) for row in csv.DictReader(stream)]
    assert all(clock.wall <= one <= clock.now() for one in times)
    events, _ = read_events(directory.events)
    (own,) = [event for event in events if event.name == "phase_ended"]
    assert own.fields["peak_high"] > 20 << 20
    told = {event.name for event in events if event.fields.get("target") == "target"}
    assert {"sidecar_started", "process_started", "sidecar_stopped"} <= told


def test_machines_that_booted_at_different_times_agree_on_monotonic_time(
    target: int, tmp_path: Path
) -> None:
    within = ("unshare", "--time", "--monotonic", "5000")
    possible = subprocess.run([*within, "true"], capture_output=True, check=False).returncode == 0
    if not possible:
        pytest.skip("a time namespace needs root and unshare --time")
    with sidecar(tmp_path / "watch", "--pid", str(target), within=within) as served:
        client, clock = served.client(), RunClock.start()
        client.begin_run("run", 0.05)
        found = client.measure_offset(clock)
        assert found.monotonic == pytest.approx(-5000, abs=found.uncertainty + 0.001)
        now = time.monotonic()
        client.announce_phase(
            "load", index=0, users=3, seconds=1.0, time=clock.at(now), monotonic=now
        )
        client.stop("completed")
        events, _ = read_events(served.folder / "run" / "events.jsonl")
    (started,) = [event for event in events if event.name == "phase_started"]
    assert started.monotonic == pytest.approx(now + 5000, abs=found.uncertainty + 0.001)


def test_what_was_left_over_there_is_pulled_later_and_once(
    served: Sidecar, wire: Wire, tmp_path: Path
) -> None:
    run_of(served.client(), "run")
    directory, _, log = begun_run(tmp_path, f"http://127.0.0.1:{wire.port}")
    log.append("run_ended", reason="completed")
    log.close()
    wire.down()
    left = pull_command(directory, "--no-report", "--within", "0.3")
    assert left.returncode == 3
    assert f"python -m harness.pulling {directory.path}" in left.stderr
    (told,) = [e for e in read_events(directory.events)[0] if e.name == "pull_incomplete"]
    assert told.fields["target"] == "target"
    wire.up()
    for _ in range(2):
        assert pull_command(directory, "--no-report").returncode == 0
    names = [event.name for event in read_events(directory.events)[0]]
    assert names.count("sidecar_started") == names.count("run_started") == 1
    assert "pull_incomplete" not in names
    assert not directory.has_pulled
    raw = (served.folder / "run" / "memory_samples.csv").read_text().splitlines()
    assert len(directory.memory_samples.read_text().splitlines()) == len(raw)


def test_a_run_that_goes_on_is_not_ended_by_pulling_unless_asked(
    served: Sidecar, tmp_path: Path
) -> None:
    served.client().begin_run("run", 0.05)
    directory, _, log = begun_run(tmp_path, served.url)
    log.close()
    directory.write_run_json(directory.read_run_json() | {"ended": None})
    refused = pull_command(directory, "--no-report")
    assert refused.returncode == 2
    assert "still goes on" in refused.stderr
    assert pull_command(directory, "--no-report", "--end-run").returncode == 0


def test_pulling_needs_a_run_that_was_measured_elsewhere(tmp_path: Path) -> None:
    assert pull_command(RunDirectory(tmp_path)).returncode == 2
    (tmp_path / "run.json").write_text(json.dumps({"schema": 1}))
    done = pull_command(RunDirectory(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
