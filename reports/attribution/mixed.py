"""Which endpoint keeps memory, told from an ordinary run in which all were asked together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reports.attribution.columns import Columns, columns_of
from reports.attribution.regression import Rates, rates
from reports.attribution.separable import Group, joined
from reports.attribution.shares import EndpointShare, EndpointShares, NotSeparated
from reports.endpoint_seconds import EndpointSeconds
from reports.findings import Leak, MemoryVerdict, Recovery
from reports.verdicts.leak import (
    KEPT_FRACTION,
    LEAK_PROBABILITY,
    LEAST_SECONDS,
    resolution_at,
)
from reports.verdicts.lives import replaced_under_load
from reports.verdicts.load_level import level_of
from reports.verdicts.points import settled_seconds
from reports.verdicts.trace import Trace

MOST = 0.5
SURE = 0.95
"""Where the memory verdict cannot tell, an endpoint is named only from here on."""

PAGE_BYTES = 4096
"""Memory is known in pages: what was kept in all is never known to be less than one."""

REPLACED = "workers were replaced under load, so the total does not add up what requests leave"
FILLED = "memory filled up and stopped, which is no memory that stays of each request"

SHORT = (
    f"with all users there the load took less than {LEAST_SECONDS:g} s, in which a leak and"
    " what fills once look the same"
)

ENDS = "growth that ends, such as one endpoint's own cache, explains it better than any leak"


@dataclass(frozen=True, slots=True)
class _Judged:
    """Groups that are as fine as the data allow, and what each of them keeps."""

    columns: Columns
    groups: tuple[Group, ...]
    rates: Rates
    least_bytes: float
    threshold: float

    @property
    def keeping(self) -> tuple[int, ...]:
        """Places of the groups that keep memory, likely and large enough to be seen."""
        return tuple(
            place
            for place, rate in enumerate(self.rates.of)
            if rate.probability >= self.threshold
            and rate.bytes_per_request * self.columns.requests(self.groups[place])
            >= self.least_bytes
        )

    def grown(self) -> tuple[float, float]:
        """Bytes that the keeping groups added: at least (97.5 % sure each), and likely."""
        kept = [
            (self.rates.of[place], self.columns.requests(self.groups[place]))
            for place in self.keeping
        ]
        least = sum(rate.interval[0] * requests for rate, requests in kept)
        return least, sum(rate.bytes_per_request * requests for rate, requests in kept)


def mixed_shares(
    trace: Trace, seconds: EndpointSeconds | None, memory: MemoryVerdict, recovery: Recovery
) -> EndpointShares:
    """Judge a run by its settled load without the warm-up; empty where it must not be judged."""
    if seconds is None or memory.upper_bytes_per_request is None:
        return EndpointShares()
    unknown = _cannot_tell(trace)
    columns = columns_of(trace, seconds, memory.warm_up_seconds)
    if unknown or columns is None or not columns.groups:
        return EndpointShares(unknown=unknown)
    judged = _judged(trace, columns, memory)
    if memory.verdict == "leak" and memory.leak is not None and not judged.keeping:
        return _nobody(judged, memory.leak)
    may_name = _may_name(judged, memory, recovery)
    if memory.verdict == "cache_fill" and not may_name:
        return EndpointShares(unknown=FILLED)
    return _shares(judged, memory, judged.keeping if may_name else ())


def _nobody(judged: _Judged, leak: Leak) -> EndpointShares:
    """The run leaks, and no endpoint by itself: all of them may, or none."""
    everyone = set(range(len(judged.groups)))
    if judged.rates.any_of(everyone) < 1 - LEAK_PROBABILITY:
        return EndpointShares(unknown=ENDS)
    return _all_together(judged.columns, leak)


def _judged(trace: Trace, columns: Columns, memory: MemoryVerdict) -> _Judged:
    least = max(resolution_at(level_of(trace)), columns.resolution_bytes)
    threshold = LEAK_PROBABILITY if memory.verdict == "leak" else SURE
    groups = columns.groups
    while True:
        found = rates(columns.points, columns.of(groups))
        together = _either(found, threshold)
        if not together:
            return _Judged(columns, groups, found, least, threshold)
        groups = tuple(joined(list(groups), together))


def _either(found: Rates, threshold: float) -> set[int]:
    """Two of those of which some surely keep memory, while each by itself may not."""
    open_ = {
        place for place, rate in enumerate(found.of) if 1 - threshold < rate.probability < threshold
    }
    if len(open_) < 2 or found.any_of(open_) < threshold:
        return set()
    pairs = [set(pair) for pair in combinations(sorted(open_), 2)]
    return max(pairs, key=found.any_of)


def _cannot_tell(trace: Trace) -> str | None:
    """Why nothing can be told of any endpoint of such a run."""
    if replaced_under_load(trace):
        return REPLACED
    return SHORT if settled_seconds(trace.load) < LEAST_SECONDS else None


def _may_name(judged: _Judged, memory: MemoryVerdict, recovery: Recovery) -> bool:
    """As the memory verdict does: nothing that went away again.

    What looks like a cache that fills may be an endpoint that was asked less and less: then it
    explains most of the growth, while what no cache's shape explains is little.
    """
    if memory.verdict == "leak":
        return True
    if not judged.keeping:
        return False
    if memory.verdict == "cache_fill":
        return judged.grown()[1] >= MOST * float(np.ptp(judged.columns.points.bytes))
    retained = recovery.retained_bytes
    return memory.verdict == "cannot_tell" and (
        retained is None or retained >= KEPT_FRACTION * judged.grown()[0]
    )


def _all_together(columns: Columns, leak: Leak) -> EndpointShares:
    """The run leaks, and nothing says where."""
    everyone = tuple(sorted(index for group in columns.groups for index in group))
    rate, interval = leak.bytes_per_request, leak.bytes_per_request_ci95
    keys = tuple(columns.keys[index] for index in everyone)
    if len(keys) == 1 and rate is not None:
        return EndpointShares((EndpointShare(keys[0], rate, interval, None, "regression"),))
    groups = () if rate is None else (NotSeparated(keys, rate, interval, len(columns.groups) == 1),)
    return EndpointShares(tuple(EndpointShare(key) for key in keys), groups)


def _shares(judged: _Judged, memory: MemoryVerdict, keeping: tuple[int, ...]) -> EndpointShares:
    columns, endpoints, together = judged.columns, [], []
    for place, group in enumerate(judged.groups):
        rate = judged.rates.of[place]
        keys = tuple(columns.keys[index] for index in group)
        if place not in keeping:
            endpoints += [_bound(judged, memory, group, index) for index in group]
        elif len(group) == 1:
            endpoints.append(
                EndpointShare(keys[0], rate.bytes_per_request, rate.interval, None, "regression")
            )
        else:
            endpoints += [EndpointShare(key) for key in keys]
            in_step = group in columns.groups
            together.append(NotSeparated(keys, rate.bytes_per_request, rate.interval, in_step))
    return EndpointShares(tuple(endpoints), tuple(together))


def _bound(judged: _Judged, memory: MemoryVerdict, group: Group, index: int) -> EndpointShare:
    """Below what its group may keep, were it all by this one; or what the whole run may."""
    columns = judged.columns
    rate = judged.rates.of[judged.groups.index(group)]
    own, of_group = columns.requests((index,)), columns.requests(group)
    if own < 1:
        return EndpointShare(columns.keys[index])
    below = (rate.upper_bytes_per_request * of_group + columns.resolution_bytes) / own
    source = "regression" if len(group) == 1 else "bound"
    of_all = memory.upper_bytes_per_request or 0.0
    if memory.verdict in ("stable", "poor_recovery") and of_all > 0:
        whole = of_all * columns.requests(tuple(range(len(columns.keys)))) / own
        below, source = min((below, source), (whole, "bound"))
    return EndpointShare(columns.keys[index], None, None, max(below, PAGE_BYTES / own), source)
