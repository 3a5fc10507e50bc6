"""How much equal runs differ: the spread that a single run cannot know of itself.

Standard deviations over repeated runs with nothing changed, pooled over six groups of the demo (54
runs): ten with one malloc arena, ten more with a leak, ten and four of the same with glibc's
default arenas, and ten each of the strategy API with its cache off and on. Memory over idle is
given as a share of the growth over idle, because that is what differs; a peak also of idle memory,
because a single large allocation at the wrong moment does not get smaller with the service's load
(cache on: growth of 6 MiB, deviation of 2.4). `python -m tests.corpus.between RUN_DIR ...` prints
the table of one group.
"""

from __future__ import annotations

from reports.comparing.figures import RunFigures

IDLE_FRACTION = 0.0028
PEAK_IDLE_FRACTION = 0.03
LOAD_GROWTH_FRACTION = 0.33
PEAK_GROWTH_FRACTION = 0.16
RETAINED_GROWTH_FRACTION = 0.17
P50_FRACTION = 0.30
P95_FRACTION = 0.22
RATE_FRACTION = 0.0062
PER_USER_FRACTION = 0.10
"""No staircase was repeated: taken as a tenth."""

DEGREES_OF_FREEDOM = 48

RELATIVE = {
    "p50_ms": P50_FRACTION,
    "p95_ms": P95_FRACTION,
    "requests_per_second": RATE_FRACTION,
    "bytes_per_user": PER_USER_FRACTION,
}
OF_GROWTH = {
    "load_bytes": LOAD_GROWTH_FRACTION,
    "peak_bytes": PEAK_GROWTH_FRACTION,
    "retained_bytes": RETAINED_GROWTH_FRACTION,
}


def assumed_deviation(name: str, run: RunFigures) -> float:
    """Standard deviation between equal runs, in the figure's unit; 0 where none is assumed."""
    figure, idle = run.figure(name), run.figure("idle_bytes")
    if figure is None or figure.value is None:
        return 0.0
    if name in RELATIVE:
        return RELATIVE[name] * abs(figure.value)
    idle_value = (idle.value if idle else None) or 0.0
    share = PEAK_IDLE_FRACTION if name == "peak_bytes" else IDLE_FRACTION
    of_idle = share * (idle_value or abs(figure.value))
    if name not in OF_GROWTH:
        return of_idle if name == "idle_bytes" else 0.0
    # What stays after the load is a part of what the load's top grew by.
    top = run.figure("peak_bytes") if name == "retained_bytes" else figure
    growth = max(0.0, (top.value if top and top.value else 0.0) - idle_value)
    part = OF_GROWTH[name] * growth
    return float((of_idle**2 + part**2) ** 0.5)
