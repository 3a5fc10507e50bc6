"""Caches whose bounds are known, in a suite of their own."""

from __future__ import annotations

from tests.pytest_plugin.conftest import Suite

CACHES = """
from collections import OrderedDict
from functools import lru_cache

class Lru:
    '''The least recently used goes, as in cachetools.'''

    def __init__(self, item_bytes):
        self.held, self.item_bytes = OrderedDict(), item_bytes

    def fill(self, number):
        self.held[number] = bytes(self.item_bytes)
        if len(self.held) > 100:
            self.held.popitem(last=False)

    def size(self):
        return len(self.held)
"""


def test_bounded_caches_pass(suite: Suite) -> None:
    truth = {
        "test_of_the_standard_library": "PASSED",
        "test_least_recently_used": "PASSED",
        "test_cleared_when_full": "PASSED",
    }
    ran = suite.run(
        CACHES
        + """
def test_of_the_standard_library(bounded_cache):
    page = lru_cache(maxsize=100)(lambda number: bytes(1000))
    size = lambda: page.cache_info().currsize
    bounded_cache(page, size=size, max_items=100, max_bytes=2**20)

def test_least_recently_used(bounded_cache):
    cache = Lru(1000)
    bounded_cache(cache.fill, size=cache.size, max_items=100, max_bytes=2**20)

def test_cleared_when_full(bounded_cache):
    held = {}
    def fill(number):
        if len(held) == 100:
            held.clear()
        held[number] = bytes(1000)
    bounded_cache(fill, size=lambda: len(held), max_items=100, max_bytes=2**20)
"""
    )
    assert ran.outcomes == truth, ran.text


def test_caches_that_pass_a_bound_fail_and_tell_when(suite: Suite) -> None:
    truth = {
        "test_without_bound": "FAILED",
        "test_too_many_bytes": "FAILED",
        "test_an_index_that_is_never_cleaned": "FAILED",
    }
    ran = suite.run(
        CACHES
        + """
def test_without_bound(bounded_cache):
    held = {}
    fill = lambda number: held.update({number: bytes(10)})
    bounded_cache(fill, size=lambda: len(held), max_items=100, max_bytes=2**20)

def test_too_many_bytes(bounded_cache):
    cache = Lru(20 * 1024)
    bounded_cache(cache.fill, size=cache.size, max_items=100, max_bytes=2**20)

def test_an_index_that_is_never_cleaned(bounded_cache):
    cache, index = Lru(200), set()
    def fill(number):
        index.add(f"key {number}")
        cache.fill(number)
    bounded_cache(fill, size=cache.size, max_items=100, max_bytes=2**20)
"""
    )
    assert ran.outcomes == truth, ran.text
    assert "holds 101 items after call 101, allowed 100" in ran.text
    # 51 items of 20 KiB are under 1 MiB, 52 are not; bytes are read every 5 or 6 calls.
    assert "passes 1.0 MiB by call 56 and holds up to 2.0 MiB" in ran.text
    assert "and yet Python memory grows by" in ran.text


def test_a_cache_that_still_fills_is_skipped(suite: Suite) -> None:
    ran = suite.run(
        CACHES
        + """
def test_cache(bounded_cache):
    cache = Lru(1000)
    bounded_cache(cache.fill, size=cache.size, max_items=100, max_bytes=2**20, calls=80)
"""
    )
    assert ran.outcomes == {"test_cache": "SKIPPED"}
    assert "was still filling at call 76 of 80" in ran.text
