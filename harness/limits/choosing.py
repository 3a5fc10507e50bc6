"""Which way is taken: the first that is possible here, or the one that was asked for."""

from __future__ import annotations

import sys

from harness.limits import cgroup_v1, cgroup_v2, systemd_scope
from harness.limits.way import LimitWay
from scenarios.errors import UsageError

WAYS: tuple[LimitWay, ...] = (cgroup_v1.WAY, cgroup_v2.WAY, systemd_scope.WAY)
AUTO = "auto"
NAMES = (AUTO, *(way.name for way in WAYS))


def choose_way(name: str = AUTO) -> LimitWay:
    """Raises UsageError that lists every way, why it is not possible, and how to get it."""
    if name not in NAMES:
        raise UsageError(f"--limit-way {name}: expected one of {', '.join(NAMES)}")
    if sys.platform != "linux":
        raise UsageError("a hard memory limit needs Linux, or a target that runs in Docker")
    refusals = []
    for way in WAYS:
        if name not in (AUTO, way.name):
            continue
        why = way.refusal()
        if why is None:
            return way
        refusals.append(f"{way.name}: {why} (to get it: {way.fix})")
    raise UsageError("no hard memory limit can be set here: " + "; ".join(refusals))
