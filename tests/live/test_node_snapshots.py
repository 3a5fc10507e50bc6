"""A real Node service that leaks a known amount; the truth stands here before any measurement."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from reports.heap_snapshots import SnapshotDifference, compare, read_snapshot
from tests.node_service.service import NodeService, node_service
from tests.node_service.taking import inspector_session

pytestmark = pytest.mark.live

KIB = 1024
LEAK_KIB = 10
WARM_UP, LOAD = 100, 300
TRUTH_BYTES = LOAD * LEAK_KIB * KIB
TOLERANCE = 0.15

TRUTH = {
    "closures": ("CapturedLesson", "closure renderLesson"),
    "listeners": ("ListenerSession", "closure onProgress"),
    "timers": ("TimerTicket", "Timeout"),
}
"""What holds the bytes, and what else one more of is left by each request."""


def load(service: NodeService, requests: int) -> None:
    for turn in range(requests):
        id_ = turn % 5 + 1
        service.get("/api/trpc/courses.byId?input=" + quote(json.dumps({"id": id_})))
        if turn % 5 == 0:
            service.get("/api/trpc/courses.list")
            save(service, id_)
            urlopen(service.url + "/", timeout=10).close()


def save(service: NodeService, id_: int) -> None:
    body = json.dumps({"id": id_, "percent": 50}).encode()
    headers = {"content-type": "application/json"}
    urlopen(Request(service.url + "/api/trpc/progress.save", body, headers), timeout=10).close()


def measured(leak: str, folder: Path) -> SnapshotDifference:
    with (
        node_service(LEAK=leak, LEAK_KIB=str(LEAK_KIB)) as service,
        inspector_session(service) as session,
    ):
        load(service, WARM_UP)
        before = session.take(folder / "before.heapsnapshot")
        load(service, LOAD)
        loaded = session.take(folder / "loaded.heapsnapshot")
        after = session.take(folder / "after.heapsnapshot")
        leaked = 0 if leak == "none" else (WARM_UP + LOAD) * LEAK_KIB * KIB
        assert service.get("/leak") == {"requests": WARM_UP + LOAD, "bytes": leaked}
    return compare(*(read_snapshot(path) for path in (before, loaded, after)))


@pytest.mark.parametrize("leak", TRUTH)
def test_the_constructor_that_leaks_is_named_with_its_bytes(leak: str, tmp_path: Path) -> None:
    holder, left_too = TRUTH[leak]
    found = measured(leak, tmp_path)
    rows = {row.constructor: row for row in found.rows}
    assert found.leaking == found.rows[0].constructor == holder
    assert found.rows[0].held_bytes == pytest.approx(TRUTH_BYTES, rel=TOLERANCE)
    # A connection of the test itself may add a timer.
    assert rows[holder].kept == LOAD <= rows[left_too].kept <= LOAD + 5
    assert found.total_after_bytes - found.total_before_bytes > 0.9 * TRUTH_BYTES


def test_a_service_that_does_not_leak_is_not_accused(tmp_path: Path) -> None:
    found = measured("none", tmp_path)
    assert found.leaking is None
    assert found.kept_bytes < TOLERANCE * TRUTH_BYTES


def test_snapshots_of_two_sessions_are_refused_for_their_numbers(tmp_path: Path) -> None:
    with node_service(LEAK="closures", LEAK_KIB=str(LEAK_KIB)) as service:
        paths = [tmp_path / f"{name}.heapsnapshot" for name in ("before", "after")]
        for path in paths:
            # A heap that stands still may be numbered alike by chance.
            load(service, LOAD)
            with inspector_session(service) as session:
                session.take(path)
    before, after = (read_snapshot(path) for path in paths)
    with pytest.raises(ValueError, match="one session of its inspector"):
        compare(before, None, after)
