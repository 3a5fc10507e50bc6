"""Suites whose leaks are known, in real processes: what becomes of each test is written first."""

from __future__ import annotations

import pytest

from reports.pytest_plugin import in_use
from tests.pytest_plugin.conftest import Suite

KEEPS = """
import ctypes, json, logging, pytest, unittest, warnings
from collections import deque

KEPT = []

def keep(kept_bytes):
    KEPT.append(bytes(kept_bytes))
"""

needs_native = pytest.mark.skipif(
    in_use.native_reader() is None, reason="the C library has no mallinfo2"
)


def test_a_leak_of_3_kib_per_call_fails_and_names_the_line(suite: Suite) -> None:
    ran = suite.run(
        KEEPS
        + """
@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_handler():
    keep(3 * 1024)
"""
    )
    assert ran.outcomes == {"test_handler": "FAILED"}
    assert "leaks 3.0 KiB per call (95 %: 3.0 KiB to 3.0 KiB) over 200 calls" in ran.text
    line = KEEPS.strip().splitlines().index("    KEPT.append(bytes(kept_bytes))") + 1
    assert f"allowed 1 KiB; most of it from test_suite.py:{line} (3.0 KiB per call)" in ran.text


def test_what_does_not_leak_passes(suite: Suite) -> None:
    truth = {
        "test_no_leak": "PASSED",
        "test_a_leak_below_the_limit": "PASSED",
        "test_a_cache_that_ends": "PASSED",
        "test_what_pytest_keeps_of_it": "PASSED",
        "test_an_unmarked_test": "PASSED",
    }
    ran = suite.run(
        KEEPS
        + """
@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_no_leak():
    json.loads(json.dumps({"numbers": list(range(100))}))

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_a_leak_below_the_limit():
    keep(205)

CACHE, NUMBERS = {}, iter(range(10**6))

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_a_cache_that_ends():
    number = next(NUMBERS) % 100
    CACHE[number] = CACHE.get(number) or bytes(3 * 1024)

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_what_pytest_keeps_of_it():
    logging.getLogger("shop").warning("no stock of %s", "x" * 3000)
    warnings.warn("old" * 1000, DeprecationWarning)

def test_an_unmarked_test():
    KEPT.append(0)
    assert KEPT.count(0) == 1
"""
    )
    assert ran.outcomes == truth, ran.text


@needs_native
def test_native_memory_that_leaks_fails(suite: Suite) -> None:
    ran = suite.run(
        KEEPS
        + """
malloc = ctypes.CDLL(None).malloc

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_extension():
    malloc(ctypes.c_size_t(3 * 1024))
"""
    )
    assert ran.outcomes == {"test_extension": "FAILED"}
    assert "leaks 3.0 KiB per call" in ran.text
    assert "native memory" in ran.text


def test_what_cannot_be_told_is_skipped_and_says_what_would_decide(suite: Suite) -> None:
    truth = {"test_too_few_calls": "SKIPPED", "test_old_memory_is_replaced": "SKIPPED"}
    ran = suite.run(
        KEEPS
        + """
@pytest.mark.memory_bound(growth_kib_per_call=1, calls=5)
def test_too_few_calls():
    keep(3 * 1024)

RING = deque((bytes(3 * 1024) for _ in range(1000)), maxlen=1000)

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_old_memory_is_replaced():
    RING.append(bytes(3 * 1024))
"""
    )
    assert ran.outcomes == truth, ran.text
    assert "cannot tell from 5 calls whether memory grows: at least 8 are needed" in ran.text
    assert "PYTHONTRACEMALLOC=4" in ran.text


def test_old_memory_that_is_replaced_is_no_leak_when_it_was_traced(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONTRACEMALLOC", "1")
    ran = suite.run(
        KEEPS
        + """
RING = deque((bytes(3 * 1024) for _ in range(1000)), maxlen=1000)

@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
def test_ring():
    RING.append(bytes(3 * 1024))
"""
    )
    assert ran.outcomes == {"test_ring": "PASSED"}, ran.text


def test_an_async_test_is_repeated_in_its_own_loop(suite: Suite) -> None:
    ran = suite.run(
        KEEPS
        + """
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
@pytest.mark.memory_bound(growth_kib_per_call=1, calls=200)
async def test_async_handler():
    keep(3 * 1024)
""",
        *("-p", "anyio"),
    )
    assert ran.outcomes == {"test_async_handler": "FAILED"}
    assert "leaks 3.0 KiB per call" in ran.text


def test_the_fixture_judges_a_loop_of_ones_own(suite: Suite) -> None:
    ran = suite.run(
        KEEPS
        + """
def test_handler(memory_bound):
    memory_bound(lambda: None, growth_kib_per_call=1, calls=100)
    memory_bound(lambda: keep(3 * 1024), growth_kib_per_call=1, calls=100)
"""
    )
    assert ran.outcomes == {"test_handler": "FAILED"}
    assert "over 100 calls, allowed 1 KiB" in ran.text


def test_a_wrong_use_is_told_in_one_line(suite: Suite) -> None:
    ran = suite.run(
        KEEPS
        + """
@pytest.mark.memory_bound(growth=3)
def test_unknown_name():
    pass

@pytest.mark.memory_bound(calls=0)
def test_no_calls():
    pass

class TestOld(unittest.TestCase):
    @pytest.mark.memory_bound
    def test_method(self):
        pass
"""
    )
    assert "memory_bound: does not know growth; it takes growth_kib_per_call, calls" in ran.text
    assert "memory_bound: calls is 0; give a whole number from 1 up" in ran.text
    assert "is a method of unittest.TestCase" in ran.text
    assert "PASSED" not in ran.outcomes.values()


def test_the_marker_is_documented_and_known_to_strict_markers(suite: Suite) -> None:
    assert "memory_bound(growth_kib_per_call=1, calls=200" in suite.run("", "--markers").text
