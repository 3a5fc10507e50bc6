"""The check behind the marker and the fixture `memory_bound`: measure, judge, tell pytest."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

from reports.errors import UsageError
from reports.pytest_plugin.bound import Bound
from reports.pytest_plugin.measuring import Measurement, Readings, measured

Told = Callable[[str], None]
"""Takes the reason of a test that passed."""


def bounded(call: Callable[..., Any], bound: Bound, told: Told) -> Callable[..., Any]:
    """`call`, made to run as often as the bound says and to be judged; async stays async."""
    if inspect.iscoroutinefunction(call):
        return _bounded_async(call, bound, told)

    @wraps(call)
    def repeated(*arguments: Any, **named: Any) -> None:
        readings = measured(lambda: call(*arguments, **named), bound.calls, bound.warm_up)
        _tell(readings, bound, told)

    return repeated


def check_memory_bound(call: Callable[[], object], bound: Bound, told: Told) -> None:
    """Fails, skips or returns. Raises UsageError for an async function, which nobody would run."""
    if inspect.iscoroutinefunction(call):
        raise UsageError(
            "memory_bound: cannot await; give a plain function, such as"
            " lambda: loop.run_until_complete(handler()), or use the marker"
        )
    _tell(measured(call, bound.calls, bound.warm_up), bound, told)


def _bounded_async(call: Callable[..., Any], bound: Bound, told: Told) -> Callable[..., Any]:
    @wraps(call)
    async def repeated(*arguments: Any, **named: Any) -> None:
        with Measurement(bound.calls, bound.warm_up) as measurement:
            for _ in measurement.numbered():
                await call(*arguments, **named)
        _tell(measurement.readings(), bound, told)

    return repeated


def _tell(readings: Readings, bound: Bound, told: Told) -> None:
    __tracebackhide__ = True
    from reports.pytest_plugin.judging import judge  # numpy and scipy: only where they are needed

    judged = judge(readings, bound)
    if judged.verdict == "leak":
        pytest.fail(judged.reason, pytrace=False)
    if judged.verdict == "cannot_tell":
        pytest.skip(judged.reason)
    told(judged.reason)
