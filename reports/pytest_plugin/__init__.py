"""A pytest plugin that keeps leaks out of a suite: the marker and fixture `memory_bound`, the
fixtures `bounded_cache` and `connections_come_back`. Judged as reports judge a run, see verdicts.
"""

from __future__ import annotations

import unittest
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from reports.errors import UsageError
from reports.pytest_plugin.bound import Bound, bound_of
from reports.pytest_plugin.cache import check_bounded_cache
from reports.pytest_plugin.connections import check_connections_come_back
from reports.pytest_plugin.in_use import NATIVE_UNSEEN, native_reader
from reports.pytest_plugin.memory import bounded, check_memory_bound

MARKER = (
    "memory_bound(growth_kib_per_call=1, calls=200, warm_up=20): call the test so often and fail"
    " when the memory in use grows by more than that with each call; skip when it cannot be told"
)
OURS = str(Path(__file__).parent)
JUDGED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, to --strict-markers and to --markers."""
    config.addinivalue_line("markers", MARKER)
    config.stash[JUDGED] = 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Methods of unittest never come to pytest_pyfunc_call: better said than passed over."""
    of = getattr(item, "cls", None)
    is_unittest = isinstance(of, type) and issubclass(of, unittest.TestCase)
    if is_unittest and item.get_closest_marker("memory_bound") is not None:
        pytest.fail(
            f"memory_bound: {item.nodeid} is a method of unittest.TestCase, which cannot be"
            " repeated; make it a function",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Put the repeated test in the test's place: who runs it, async plugins too, runs that."""
    marker = pyfuncitem.get_closest_marker("memory_bound")
    if marker is None:
        return (yield)
    once = pyfuncitem.obj
    pyfuncitem.obj = bounded(once, _bound_of(marker), _teller(pyfuncitem))
    try:
        return (yield)
    finally:
        pyfuncitem.obj = once


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip is shown with the place it came from; let that be the test, not this plugin."""
    report = yield
    path, line, _ = item.location
    if report.skipped and isinstance(report.longrepr, tuple):
        where, _, reason = report.longrepr
        if str(where).startswith(OURS):
            report.longrepr = (path, (line or 0) + 1, reason)
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was not looked at: a passed test means less than it seems to."""
    count = config.stash.get(JUDGED, 0)
    if count and native_reader() is None:
        terminalreporter.write_line(
            f"memory_bound: {count} passed on Python's memory alone; {NATIVE_UNSEEN}"
        )


@pytest.fixture
def memory_bound(request: pytest.FixtureRequest) -> Callable[..., None]:
    """memory_bound(call, growth_kib_per_call=1, calls=200, warm_up=20): the marker for a loop."""

    def check(call: Callable[[], object], **bound: Any) -> None:
        __tracebackhide__ = True
        check_memory_bound(call, bound_of((), bound), _teller(request.node))

    return check


@pytest.fixture
def bounded_cache() -> Callable[..., None]:
    """bounded_cache(fill, size=..., max_items=..., max_bytes=..., calls=None)."""
    return check_bounded_cache


@pytest.fixture
def connections_come_back() -> Callable[..., None]:
    """connections_come_back(url, connections=20, pid=None, within_seconds=5, rounds=3)."""
    return check_connections_come_back


def _bound_of(marker: pytest.Mark) -> Bound:
    try:
        return bound_of(marker.args, dict(marker.kwargs))
    except UsageError as problem:
        raise pytest.fail.Exception(str(problem), pytrace=False) from None


def _teller(item: pytest.Item) -> Callable[[str], None]:
    """Keeps a passed test's reason: in junit.xml, and to be counted."""

    def told(reason: str) -> None:
        item.user_properties.append(("memory_bound", reason))
        item.config.stash[JUDGED] += 1

    return told
