"""Made readings, exact ones above all: without noise every model is either right or impossible."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from reports.pytest_plugin.bound import Bound
from reports.pytest_plugin.judging import judge
from reports.pytest_plugin.lines import Line
from reports.pytest_plugin.measuring import BINS, Readings

CALLS = 200


def readings(bytes_after: Callable[[float], float], *, native: bool = True) -> Readings:
    """Python's bytes as given; native ones stand still, or cannot be read."""
    ends = array("d", (round(CALLS * number / BINS) for number in range(BINS + 1)))
    python = array("d", map(bytes_after, ends))
    still = array("d", (5e6 for _ in ends))
    return Readings(ends, python, still if native else None, ends, True, Line("app.py:3", 600_000))


@pytest.mark.parametrize(
    ("bytes_after", "limit_kib", "verdict"),
    [
        (lambda _: 1e6, 1, "stable"),
        (lambda _: 1e6, 0, "stable"),
        (lambda calls: 1e6 + 205 * calls, 1, "stable"),
        (lambda calls: 1e6 + 1023 * calls, 1, "stable"),
        (lambda calls: 1e6 + 1025 * calls, 1, "leak"),
        (lambda calls: 1e6 + 3072 * calls, 1, "leak"),
        (lambda calls: 1e6 + 64 * calls, 0, "leak"),
        (lambda calls: 1e6 + 3e5 * (calls > 60), 1, "stable"),
        (lambda calls: 1e6 + 3e3 * min(calls, 150), 1, "stable"),
        (lambda calls: 1e6 + 3e3 * min(calls, 50) + 2048 * calls, 1, "leak"),
    ],
)
def test_exact_readings(
    bytes_after: Callable[[float], float], limit_kib: float, verdict: str
) -> None:
    assert judge(readings(bytes_after), Bound(limit_kib)).verdict == verdict


def test_one_exact_jump_is_no_leak_wherever_it_is() -> None:
    verdicts = {
        judge(readings(lambda calls, at=at: 1e6 * (calls > at)), Bound()).verdict  # type: ignore[misc]
        for at in range(10, 190, 30)
    }
    assert verdicts == {"stable"}


def test_the_message_says_how_much_and_from_where() -> None:
    judged = judge(readings(lambda calls: 3072 * calls), Bound())
    assert judged.reason == (
        "leaks 3.0 KiB per call (95 %: 3.0 KiB to 3.0 KiB) over 200 calls, allowed 1 KiB;"
        " most of it from app.py:3 (2.9 KiB per call)"
    )


def test_native_memory_that_cannot_be_read_is_said_to_be_unseen() -> None:
    judged = judge(readings(lambda _: 1e6, native=False), Bound())
    assert judged.verdict == "stable"
    assert "native memory is not seen here" in judged.reason
