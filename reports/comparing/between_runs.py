"""How much equal runs differ: the spread that a single run cannot know of itself.

Standard deviations over repeated runs with nothing changed, pooled over four groups of the demo (34
runs): ten with one malloc arena, ten more with a leak, and ten and four of the same with glibc's
default arenas. Memory over idle is given as a share of the growth over idle, because that is what
differs. `python -m tests.corpus.between RUN_DIR ...` prints the table of one group.
"""

from __future__ import annotations

from reports.comparing.figures import RunFigures

IDLE_FRACTION = 0.0022
LOAD_GROWTH_FRACTION = 0.34
PEAK_GROWTH_FRACTION = 0.16
RETAINED_GROWTH_FRACTION = 0.13
P50_FRACTION = 0.28
P95_FRACTION = 0.19
RATE_FRACTION = 0.0056
PER_USER_FRACTION = 0.10
"""No staircase was repeated: taken as a tenth."""

DEGREES_OF_FREEDOM = 30

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
    of_idle = IDLE_FRACTION * (idle_value or abs(figure.value))
    if name not in OF_GROWTH:
        return of_idle if name == "idle_bytes" else 0.0
    # What stays after the load is a part of what the load's top grew by.
    top = run.figure("peak_bytes") if name == "retained_bytes" else figure
    growth = max(0.0, (top.value if top and top.value else 0.0) - idle_value)
    part = OF_GROWTH[name] * growth
    return float((of_idle**2 + part**2) ** 0.5)
