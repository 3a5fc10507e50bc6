"""Which way is taken: the first that is possible here, or the one that was asked for."""

from __future__ import annotations

import sys

from harness.limits import cgroup_v1, cgroup_v2, docker_container, systemd_scope
from harness.limits.way import LimitWay
from scenarios.errors import UsageError

PROCESS_WAYS: tuple[LimitWay, ...] = (cgroup_v1.WAY, cgroup_v2.WAY, systemd_scope.WAY)
AUTO = "auto"
NAMES = (AUTO, *(way.name for way in PROCESS_WAYS), docker_container.WAY.name)


def choose_way(name: str = AUTO, command: tuple[str, ...] = ()) -> LimitWay:
    """The way for a command; a `docker run` gets its limit from Docker, everything else does not.

    Raises UsageError that lists every way, why it is not possible, and how to get it.
    """
    if name not in NAMES:
        raise UsageError(f"--limit-way {name}: expected one of {', '.join(NAMES)}")
    in_docker = docker_container.is_docker_run(command)
    possible = (docker_container.WAY,) if in_docker else PROCESS_WAYS
    if name != AUTO and name not in [way.name for way in possible]:
        what = "a docker run, whose limit is Docker's" if in_docker else "no docker run"
        raise UsageError(f"--limit-way {name}: the target's command is {what}; leave it out")
    if sys.platform != "linux" and not in_docker:
        raise UsageError(
            "a hard memory limit for a process needs Linux; here give TARGET='docker run ... IMAGE'"
        )
    refusals = []
    for way in possible:
        if name not in (AUTO, way.name):
            continue
        why = way.refusal()
        if why is None:
            return way
        refusals.append(f"{way.name}: {why} (to get it: {way.fix})")
    raise UsageError("no hard memory limit can be set here: " + "; ".join(refusals))
