"""Live runs of the demo service, each with its truth, written down before it is run.

A leak is decidable when the planned load makes it grow by `DECIDABLE_BYTES`: the demo's own
memory moves by about 4 MiB without any leak, as the control runs show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.corpus.truth import Truth

KIB, MIB = 1024, 1024 * 1024
DECIDABLE_BYTES = 4 * MIB
OWN_CREEP = 150.0
"""Bytes per request that the demo keeps without any switch, at most: 0.8 MiB over 5,700 requests.
A switch's bytes are its truth to within that.
"""

BASELINE, LOAD, COOLDOWN = 10, 100, 20
DEMO, GUNICORN, FAST = (
    "scenarios/demo.toml",
    "scenarios/demo-gunicorn.toml",
    "tests/corpus/fast.toml",
)
ARENAS = "tests/corpus/arenas.toml"
STRATEGIES = "scenarios/cases/loads/strategies.toml"
RATES = {DEMO: 65.0, GUNICORN: 65.0, FAST: 300.0, ARENAS: 65.0}
"""Requests per second that 20 users make, to plan with; what a run really made is in its trace."""

WORKERS = (
    "{python} -m gunicorn demo.app:app --worker-class uvicorn_worker.UvicornWorker --workers 2"
    " --bind 127.0.0.1:{port} --graceful-timeout 3 --no-control-socket"
)


@dataclass(frozen=True, slots=True)
class LiveRun:
    """One run: the demo's switches, how it is loaded, and what is true of it."""

    name: str
    truth: Truth
    scenario: str = DEMO
    switches: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    command: str | None = None
    load_seconds: int = LOAD


def _leak(
    name: str,
    size: int,
    scenario: str = DEMO,
    *,
    command: str | None = None,
    arguments: tuple[str, ...] = (),
    load_seconds: int = LOAD,
    **switches: str,
) -> LiveRun:
    grown = size * RATES[scenario] * load_seconds
    return LiveRun(
        name,
        Truth(
            "leak",
            size,
            grown >= DECIDABLE_BYTES,
            rate_known="DEMO_CRASH_EVERY" not in switches,
            known_to=OWN_CREEP,
        ),
        scenario,
        {"DEMO_LEAK_BYTES": str(size), "DEMO_LEAK_TIER": "all", **switches},
        arguments,
        command,
        load_seconds,
    )


def _other(
    name: str,
    kind: str,
    scenario: str = DEMO,
    *,
    command: str | None = None,
    arguments: tuple[str, ...] = (),
    **switches: str,
) -> LiveRun:
    return LiveRun(name, Truth(kind), scenario, switches, arguments, command)


RUNS = (
    _leak("leak-100B", 100, FAST, load_seconds=150),
    _leak("leak-300B", 300, FAST),
    _leak("leak-1KiB", 1 * KIB),
    _leak("leak-3KiB", 3 * KIB),
    _leak("leak-10KiB", 10 * KIB),
    _leak("leak-30KiB", 30 * KIB),
    _leak("leak-100KB", 100_000),
    _leak("leak-native", 4080, DEMO_LEAK_IN="native"),
    _leak("leak-in-shared-memory", 20 * KIB, DEMO_LEAK_IN="shm"),
    _leak("leak-in-a-child", 20 * KIB, DEMO_LEAK_IN="child"),
    _leak("leak-in-both-workers", 20 * KIB, GUNICORN),
    LiveRun(
        # Half of the requests reach the worker that leaks; which half, chance decides.
        "leak-in-one-worker",
        Truth("leak", 10 * KIB, rate_known=False),
        GUNICORN,
        {
            "DEMO_LEAK_BYTES": str(20 * KIB),
            "DEMO_LEAK_TIER": "all",
            "DEMO_LEAK_IN": "one-worker",
        },
    ),
    _leak("leak-recycled", 40 * KIB, GUNICORN, command=f"{WORKERS} --max-requests 700"),
    _leak("leak-in-a-crash-loop", 40 * KIB, GUNICORN, DEMO_CRASH_EVERY="600"),
    _leak("leak-under-garbage", 20 * KIB, DEMO_GARBAGE_MIB="40"),
    _leak("leak-beside-a-cache", 20 * KIB, DEMO_CACHE_MIB="32", DEMO_CACHE_ENTRY_KIB="128"),
    _leak("leak-on-a-staircase", 20 * KIB, arguments=("--plan", "staircase", "--steps", "4")),
    _other("cache-64MiB", "cache_fill", DEMO_CACHE_MIB="64", DEMO_CACHE_ENTRY_KIB="128"),
    _other("cache-200MiB", "cache_fill", DEMO_CACHE_MIB="200", DEMO_CACHE_ENTRY_KIB="320"),
    _other("sawtooth-40MiB", "stable", DEMO_GARBAGE_MIB="40"),
    _other("sawtooth-100MiB", "stable", DEMO_GARBAGE_MIB="100", DEMO_GARBAGE_KIB="256"),
    _leak("leak-between-arenas", 10 * KIB, ARENAS),
    _other("plain-with-arenas", "stable", ARENAS),
    _other("plain", "stable"),
    _other("plain-fast", "stable", FAST),
    _other("plain-workers", "stable", GUNICORN),
    _other("recycled", "stable", GUNICORN, command=f"{WORKERS} --max-requests 700"),
    _other("spikes", "stable", DEMO_SPIKE_MIB="60"),
    _other("idle", "stable", arguments=("--users", "1")),
    _other("holes", "poor_recovery", DEMO_HOLES_MIB="150"),
    _other("kept-after-load", "poor_recovery", DEMO_RETAIN_MIB="150"),
)

STANDARD = ("--users", "15", "--baseline", "30", "--cooldown", "30")
"""The default plan, with the users that make 50 requests per second of the demo."""

STANDARD_LEAK = tuple(
    LiveRun(
        f"standard-leak-{number}",
        Truth("leak", 1 * KIB, known_to=OWN_CREEP),
        DEMO,
        {"DEMO_LEAK_BYTES": "1024", "DEMO_LEAK_TIER": "all"},
        STANDARD,
        load_seconds=120,
    )
    for number in range(1, 11)
)
"""The standard run of 3 minutes with 1 KiB per request at 50 requests per second, ten times."""

STANDARD_PLAIN = tuple(
    LiveRun(f"standard-plain-{number}", Truth("stable"), DEMO, {}, STANDARD, load_seconds=120)
    for number in range(1, 11)
)
"""The same without the switch."""

CAPACITY = ("--users", "50", "--spawn-rate", "10", "--baseline", "8", "--cooldown", "10")
"""Of one process whose requests borrow megabytes: many are in flight, and memory moves in steps."""


def _near_capacity(name: str, truth: Truth, leak_bytes: int = 0) -> LiveRun:
    switches = {"DEMO_STRATEGY_CACHE": "off"}
    if leak_bytes:
        switches |= {"DEMO_LEAK_BYTES": str(leak_bytes), "DEMO_LEAK_TIER": "all"}
    return LiveRun(name, truth, STRATEGIES, switches, CAPACITY, load_seconds=60)


NEAR_CAPACITY = (
    # A minute of it is short: that it cannot be told is right, that it leaks is not.
    *(_near_capacity(f"near-capacity-{n}", Truth("stable", decidable=False)) for n in range(1, 5)),
    # Seven requests in ten leak: the others ask for its health.
    *(
        _near_capacity(
            f"near-capacity-leak-{n}", Truth("leak", 0.7 * 2 * KIB, rate_known=False), 2 * KIB
        )
        for n in (1, 2)
    ),
    _near_capacity("near-capacity-small-leak", Truth("leak", 630, False, rate_known=False), 900),
)

ALL = (*RUNS, *STANDARD_LEAK, *STANDARD_PLAIN, *NEAR_CAPACITY)
