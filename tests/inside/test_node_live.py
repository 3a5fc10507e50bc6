"""A Node service under load, asked through its inspector: nothing in it is changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from memory_sidecar.inside.source import NotInside
from memory_sidecar.sources.inspector import awaits_signal, open_inspector
from memory_sidecar.sources.node import Node
from rundir import Event, RunDirectory, read_events
from tests.inside.scenarios import scenario
from tests.live.suite import SHORT, only_run, run
from tests.node_service.service import HERE, node_service

pytestmark = pytest.mark.live

LEAK_KIB = 100
COURSE = "/api/trpc/courses.byId?input=%7B%22id%22%3A1%7D"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A run with snapshots on the service that leaks through listeners."""
    with node_service():
        pass  # Its packages are installed now, or this test is skipped.
    folder = tmp_path_factory.mktemp("node")
    env = {"PORT": "{port}", "LEAK": "listeners", "LEAK_KIB": str(LEAK_KIB)}
    command = ["node", str(HERE / "server.mjs")]
    file = scenario(folder, command, health="/health", heavy=COURSE, env=env)
    done = run(*SHORT, "--scenario", str(file), "--heap-snapshots", runs=folder / "runs")
    assert done.returncode == 0, done.stdout + done.stderr
    directory = only_run(folder / "runs")
    content: dict[str, Any] = json.loads(RunDirectory(directory).report_json.read_text())
    return content, directory


def events(directory: Path, name: str) -> list[Event]:
    return [e for e in read_events(RunDirectory(directory).events)[0] if e.name == name]


def leaked(directory: Path) -> int:
    entries = json.loads(RunDirectory(directory).locust_stats_json.read_text())["entries"]
    return sum(int(e["num_requests"]) for e in entries if "courses.byId" in e["name"])


def test_the_leaking_constructor_is_named_with_what_it_holds(
    finished: tuple[dict[str, Any], Path],
) -> None:
    content, directory = finished
    (heap,) = content["inside"]["heaps"]
    assert heap["leaking"] == "ListenerSession"
    top = heap["rows"][0]
    requests = leaked(directory)
    assert top["kept"] == requests
    assert top["held_bytes"] == pytest.approx(requests * LEAK_KIB * 1024, rel=0.15)


def test_snapshots_lie_between_the_phases_never_inside_one(
    finished: tuple[dict[str, Any], Path],
) -> None:
    _, directory = finished
    taken = events(directory, "heap_snapshot")
    assert [e.fields["moment"] for e in taken] == ["after-baseline", "after-load", "end"]
    begun, ended = (events(directory, f"phase_{what}") for what in ("started", "ended"))
    for start, end in zip(begun, ended, strict=True):
        for snapshot in taken:
            first = snapshot.time - snapshot.fields["seconds"]
            assert snapshot.time <= start.time or first >= end.time - 0.05
    for snapshot in taken:
        assert json.loads((directory / snapshot.fields["file"]).read_text())["snapshot"]


def test_a_run_with_snapshots_gives_no_verdict_on_memory(
    finished: tuple[dict[str, Any], Path],
) -> None:
    content, _ = finished
    assert content["verdict"]["memory"] == "cannot_tell"
    assert "heap snapshots" in content["verdict"]["reasons"][0]


def test_heap_collections_and_delay_are_in_the_samples_and_the_report(
    finished: tuple[dict[str, Any], Path],
) -> None:
    content, directory = finished
    header = RunDirectory(directory).memory_samples.read_text().splitlines()[0].split(",")
    assert {"heap_used", "heap_total", "heap_external", "gc_minor", "loop_delay"} <= set(header)
    load = next(p for p in content["inside"]["phases"] if p["phase"] == "load")
    assert load["heap_used_mean"] > 5 * 2**20
    assert load["gc_minor"] > 0
    assert 0 <= load["gc_share"] < 0.5
    kept = leaked(directory) * LEAK_KIB * 1024
    assert content["inside"]["heap_growth_bytes"] == pytest.approx(kept, abs=5 * 2**20, rel=0.3)
    assert {r["name"] for r in content["inside"]["ratings"]} >= {"heap growth", "memory growth"}


def ports(pid: int) -> set[int]:
    found = psutil.Process(pid).net_connections(kind="tcp")
    return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}


def test_the_inspector_is_closed_again_and_nothing_is_left_behind() -> None:
    with node_service() as service:
        before = ports(service.pid)
        source = Node()
        assert source.may_be_asked(service.pid)
        assert source.attach(service.pid).startswith("Node v")
        assert len(ports(service.pid)) == len(before) + 1
        first = source.read(service.pid)
        assert first["heap_used"] > 0
        source.detach(service.pid)
        deadline = time.monotonic() + 5
        while ports(service.pid) != before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert ports(service.pid) == before
        # The service goes on, and can be asked again.
        assert service.get("/health") == {"status": "ok"}
        source.attach(service.pid)
        assert source.read(service.pid)["gc_minor"] >= 0
        source.detach(service.pid)


def test_an_inspector_that_was_open_stays_open() -> None:
    command = ["node", "--inspect=127.0.0.1:0", "-e", "setInterval(() => {}, 1000)"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        process.stderr.readline()
        before, source = ports(process.pid), Node()
        assert "was open" in source.attach(process.pid)
        source.detach(process.pid)
        time.sleep(0.3)
        assert ports(process.pid) == before
    finally:
        process.kill()
        process.communicate()


def test_a_process_that_the_signal_would_end_is_never_sent_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        assert not awaits_signal(process.pid)
        assert not Node().may_be_asked(process.pid)
        with pytest.raises(NotInside, match="does not listen to SIGUSR1"):
            open_inspector(process.pid)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_node_is_left_alone_unless_it_is_asked_for(tmp_path: Path) -> None:
    with node_service() as service:
        words = ["-m", "memory_sidecar", "--pid", str(service.pid), "--duration", "1.5"]
        subprocess.run([sys.executable, *words, "--run-dir", str(tmp_path)], check=True)
        assert len(ports(service.pid)) == 1
    assert "heap_used" not in (tmp_path / "memory_samples.csv").read_text()


def test_a_paused_process_is_told_once_and_the_ticks_go_on(tmp_path: Path) -> None:
    with node_service() as service:
        words = ["-m", "memory_sidecar", "--pid", str(service.pid), "--duration", "14"]
        sidecar = subprocess.Popen(
            [sys.executable, *words, "--run-dir", str(tmp_path), "--inside", "yes"]
        )
        time.sleep(2)
        os.kill(service.pid, signal.SIGSTOP)
        try:
            sidecar.wait(timeout=60)
        finally:
            os.kill(service.pid, signal.SIGCONT)
    refused = [e for e in read_events(tmp_path / "events.jsonl")[0] if e.name == "inside_refused"]
    assert len(refused) == 1
    rows = (tmp_path / "memory_samples.csv").read_text().splitlines()
    assert len(rows) > 130
