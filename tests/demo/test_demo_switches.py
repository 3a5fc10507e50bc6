"""What the switches of the demo service do to its memory, errors and latency."""

import subprocess
import sys
import time
from fractions import Fraction
from typing import Any

import psutil
import pytest

from demo.ballast import Ballast
from demo.switches import SwitchError, Switches, read_switches
from tests.demo.service import (
    HEAVY,
    LIGHT,
    MEDIUM,
    Service,
    environment,
    gunicorn,
    uvicorn,
)

MIB = 2**20


def test_an_empty_environment_means_the_defaults() -> None:
    assert read_switches({}) == Switches()
    assert read_switches({}).ai_seconds == 0.3


def test_a_rate_is_read_exactly() -> None:
    assert read_switches({"DEMO_ERROR_RATE": "0.1"}).error_rate == Fraction(1, 10)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO_LEAK_BYTES", "-1"),
        ("DEMO_LEAK_BYTES", "1e3"),
        ("DEMO_LEAK_BYTES", "1_000"),
        ("DEMO_LEAK_BYTES", "²"),
        ("DEMO_LEAK_BYTES", ""),
        ("DEMO_LEAK_TIER", "Heavy"),
        ("DEMO_CACHE_ENTRY_KIB", "0"),
        ("DEMO_SPIKE_EVERY", "0"),
        ("DEMO_ERROR_RATE", "1.01"),
        ("DEMO_ERROR_RATE", "nan"),
        ("DEMO_ERROR_RATE", "1/3"),
        ("DEMO_ERROR_RATE", "."),
        ("DEMO_SLOW_MS", "inf"),
        ("DEMO_SCHEDULER", "yes"),
        ("DEMO_STRATEGY_CACHE", "1"),
        ("DEMO_CACHE_BOUND", "no"),
        ("DEMO_JOB_SECONDS", "-1"),
        ("DEMO_JOB_SESSION", "on"),
        ("DEMO_JOB_DECORATOR", "no.such.module:name"),
        ("DEMO_JOB_DECORATOR", "math:pi"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SwitchError, match=rf"^{name}="):
        read_switches({name: value})


def test_a_cache_too_small_for_one_entry_is_refused() -> None:
    with pytest.raises(SwitchError, match="does not fit"):
        read_switches({"DEMO_CACHE_MIB": "1", "DEMO_CACHE_ENTRY_KIB": "2048"})


@pytest.mark.live
def test_a_bad_value_ends_the_service_with_one_line_and_code_2() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "uvicorn", "demo.app:app", "--port", "0"],
        env=environment({"DEMO_LEAK_BYTES": "many"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "demo: DEMO_LEAK_BYTES='many': expected a whole number from 0 to 1099511627776"
    ]


@pytest.mark.live
def test_without_switches_nothing_grows_beyond_noise() -> None:
    with uvicorn() as service:
        for path in (HEAVY, MEDIUM, LIGHT):
            service.get(path, 150)
        for path, times in ((HEAVY, 150), (MEDIUM, 500), (LIGHT, 1000)):
            assert service.growth_bytes(path, times) < 4 * MIB
        counters = service.counters()
    del counters["requests"]
    assert set(counters.values()) == {0}


@pytest.mark.live
@pytest.mark.parametrize(("tier", "path"), [("light", LIGHT), ("medium", MEDIUM), ("heavy", HEAVY)])
def test_a_leak_of_100_kb_raises_the_resident_set_by_as_much(tier: str, path: str) -> None:
    with uvicorn(DEMO_LEAK_BYTES="100000", DEMO_LEAK_TIER=tier) as service:
        service.get(path, 100)
        before = service.counters()["leaked_bytes"]
        assert service.growth_bytes(path, 300) == pytest.approx(300 * 100_000, rel=0.15)
        assert service.counters()["leaked_bytes"] - before == 300 * 100_000


@pytest.mark.live
@pytest.mark.parametrize("leak_bytes", [100, 1024])
def test_a_small_leak_shows_against_a_control(leak_bytes: int) -> None:
    times = 6000
    with (
        uvicorn() as control,
        uvicorn(DEMO_LEAK_BYTES=str(leak_bytes), DEMO_LEAK_TIER="light") as leaking,
    ):
        for service in (control, leaking):
            service.get(LIGHT, 500)
        grown = leaking.growth_bytes(LIGHT, times) - control.growth_bytes(LIGHT, times)
    # 100 bytes leak 600 kB in all: there the noise of the two processes is the wider bound
    expected = times * leak_bytes
    assert grown == pytest.approx(expected, rel=0.15, abs=max(0.15 * expected, 256 * 1024))


@pytest.mark.parametrize("size_bytes", [1, 100, 4097, 3 * MIB + 1])
def test_ballast_makes_resident_what_it_is_given_whatever_the_size(size_bytes: int) -> None:
    ballast, times = Ballast(), 24 * MIB // size_bytes if size_bytes > 1 else 2 * MIB
    process = psutil.Process()
    before = process.memory_info().rss
    for _ in range(times):
        ballast.add(size_bytes)
    grown = process.memory_info().rss - before
    assert ballast.size_bytes == times * size_bytes
    assert grown == pytest.approx(times * size_bytes, rel=0.05, abs=MIB)


@pytest.mark.live
def test_only_the_leaking_tier_leaks() -> None:
    with uvicorn(DEMO_LEAK_BYTES="100000") as service:
        assert service.get(LIGHT, 20) == [200] * 20
        assert service.get(MEDIUM, 20) == [200] * 20
        assert service.counters()["leaked_bytes"] == 0


@pytest.mark.live
def test_a_cache_grows_to_its_bound_and_then_evicts() -> None:
    with uvicorn(DEMO_CACHE_MIB="32") as service:
        service.get(LIGHT, 100)
        filling = service.growth_bytes(MEDIUM, 512)
        full = service.counters()
        plateau = service.growth_bytes(MEDIUM, 512)
        later = service.counters()
    assert filling == pytest.approx(32 * MIB, rel=0.15)
    assert abs(plateau) < 2 * MIB
    assert full["cache_bytes"] == later["cache_bytes"] == 32 * MIB
    assert (full["cache_evictions"], later["cache_evictions"]) == (0, 512)


def _peak_over_base(service: Service, requests: int) -> int:
    service.forget_peak()
    base = service.rss_bytes()
    service.get(HEAVY, requests)
    time.sleep(0.2)  # the spike's thread may start only after the answer
    return service.peak_bytes() - base


@pytest.mark.live
def test_a_spike_shows_in_the_peak_and_passes() -> None:
    with uvicorn(DEMO_SPIKE_MIB="128", DEMO_SPIKE_MS="20", DEMO_SPIKE_EVERY="40") as service:
        service.get(HEAVY, 30)
        calm = _peak_over_base(service, 5)
        before = service.rss_bytes()
        spiked = _peak_over_base(service, 5)
        assert service.counters()["spikes"] == 1
        after = service.rss_bytes()
    assert calm < 64 * MIB
    assert 0.85 * 128 * MIB < spiked < 128 * MIB + 64 * MIB
    assert after - before < 16 * MIB


@pytest.mark.live
def test_what_is_retained_fills_up_once_and_stays() -> None:
    with uvicorn(DEMO_RETAIN_MIB="40") as service:
        # /health, asked until the service was up, has retained its share already
        before = service.counters()["retained_bytes"]
        filling = service.growth_bytes(LIGHT, 60)
        staying = service.growth_bytes(LIGHT, 500)
        assert service.counters()["retained_bytes"] == 40 * MIB
    assert filling == pytest.approx(40 * MIB - before, rel=0.15)
    assert abs(staying) < 2 * MIB


@pytest.mark.live
@pytest.mark.parametrize(("rate", "errors"), [("0.1", 30), ("0.333", 99), ("1", 300)])
def test_the_error_rate_is_exact_and_spares_health(rate: str, errors: int) -> None:
    with uvicorn(DEMO_ERROR_RATE=rate) as service:
        statuses = service.get(LIGHT, 300)
        assert service.get("/health", 50) == [200] * 50
        assert service.counters()["errors"] == errors
    assert statuses.count(500) == errors
    assert statuses.count(200) == 300 - errors


@pytest.mark.live
def test_errors_come_evenly_and_not_in_bursts() -> None:
    with uvicorn(DEMO_ERROR_RATE="0.25") as service:
        assert service.get(LIGHT, 8) == [200, 200, 200, 500, 200, 200, 200, 500]


@pytest.mark.live
def test_a_stream_made_to_fail_is_a_plain_error() -> None:
    with uvicorn(DEMO_ERROR_RATE="1") as service:
        answer = service.client.get("/api/stream", params={"question": "why?"})
    assert answer.status_code == 500
    assert "DEMO_ERROR_RATE" in answer.json()["detail"]


@pytest.mark.live
def test_the_slow_tier_takes_at_least_the_time_added() -> None:
    with uvicorn(DEMO_SLOW_MS="150", DEMO_SLOW_TIER="medium") as service:
        slow = [service.client.get(MEDIUM).elapsed.total_seconds() for _ in range(5)]
        service.get(LIGHT, 20)
        slowed = service.counters()["slowed"]
    assert min(slow) >= 0.15
    assert slowed == 5


@pytest.mark.live
def test_health_is_not_slow_where_the_light_tier_is() -> None:
    with uvicorn(DEMO_SLOW_MS="2000", DEMO_SLOW_TIER="light") as service:
        service.get("/health", 20)
        assert service.counters()["slowed"] == 0


@pytest.mark.live
def test_looking_at_the_switches_changes_nothing() -> None:
    with uvicorn(DEMO_LEAK_BYTES="1000", DEMO_ERROR_RATE="0.5") as service:
        assert service.counters() == service.counters()
        shown = service.client.get("/demo/switches").json()["switches"]
    assert shown["leak_bytes"] == 1000
    assert shown["error_rate"] == 0.5


@pytest.mark.live
def test_the_scheduler_runs_where_it_is_switched_on() -> None:
    with uvicorn(DEMO_SCHEDULER="on", DEMO_STRATEGY_CACHE="off") as service:
        told = service.client.get("/api/v1/debug/health").json()
        assert told["scheduler_enabled"] is True
        assert service.get(MEDIUM, 3) == [200] * 3


@pytest.mark.live
@pytest.mark.parametrize("place", ["child", "native", "shm"])
def test_a_leak_elsewhere_is_of_the_size_it_is_given(place: str) -> None:
    with uvicorn(DEMO_LEAK_BYTES="20000", DEMO_LEAK_TIER="all", DEMO_LEAK_IN=place) as service:
        service.get(LIGHT, 50)
        child = next(iter(service.process.children()), None)
        before = 0 if child is None else child.memory_info().rss
        grown = service.growth_bytes(LIGHT, 500)
        leaked = service.counters()["leaked_bytes"]
        if child is not None:
            grown = child.memory_info().rss - before
    assert leaked == pytest.approx(550 * 20_000, rel=0.01)
    if place == "shm":
        assert abs(grown) < 2 * MIB, "in no process's resident set"
    else:
        assert grown == pytest.approx(500 * 20_000, rel=0.15, abs=MIB)


@pytest.mark.live
def test_only_one_of_two_workers_leaks() -> None:
    switches = {"DEMO_LEAK_BYTES": "100000", "DEMO_LEAK_TIER": "all"}
    counters: dict[int, dict[str, Any]] = {}
    with gunicorn(**switches, DEMO_LEAK_IN="one-worker") as service:
        deadline = time.monotonic() + 60
        # A new connection each time: the kernel decides which worker takes it.
        while len(counters) < 2 or min(c["requests"]["light"] for c in counters.values()) < 10:
            assert time.monotonic() < deadline, f"one worker got all the requests: {counters}"
            service.client.get(LIGHT, headers={"connection": "close"})
            shown = service.client.get("/demo/switches", headers={"connection": "close"}).json()
            counters[shown["pid"]] = shown["counters"]
    leaked = sorted(counters.values(), key=lambda one: int(one["leaked_bytes"]))
    assert leaked[0]["leaked_bytes"] == 0
    assert leaked[1]["leaked_bytes"] == 100_000 * leaked[1]["requests"]["light"]


@pytest.mark.live
def test_a_user_holds_memory_while_connected() -> None:
    with uvicorn(DEMO_USER_MIB="8") as service:
        service.get(LIGHT, 20)
        assert service.counters()["session_bytes"] == 8 * MIB
        assert service.growth_bytes(LIGHT, 20) < MIB


@pytest.mark.live
def test_garbage_is_collected_when_there_is_enough() -> None:
    with uvicorn(DEMO_GARBAGE_MIB="16", DEMO_GARBAGE_KIB="256") as service:
        # The health check that waited for the service was a request, too.
        service.get(LIGHT, 62)
        before = service.counters()["collections"]
        service.get(LIGHT, 128)
        assert (before, service.counters()["collections"]) == (0, 2)


@pytest.mark.live
def test_holes_stay_resident_and_do_not_grow() -> None:
    with uvicorn(DEMO_HOLES_MIB="64") as service:
        assert service.growth_bytes(HEAVY, 1) > 40 * MIB
        assert abs(service.growth_bytes(HEAVY, 100)) < 8 * MIB


@pytest.mark.live
def test_a_worker_crashes_after_so_many_requests() -> None:
    with gunicorn(DEMO_CRASH_EVERY="20") as service:
        pids = {worker.pid for worker in service.process.children()}
        for _ in range(60):
            service.client.get(LIGHT, headers={"connection": "close"})
        deadline = time.monotonic() + 20
        while pids <= {worker.pid for worker in service.process.children()}:
            assert time.monotonic() < deadline, "no worker was replaced"
            time.sleep(0.1)
