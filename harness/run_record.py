"""run.json: what was run, on what, with which settings."""

from __future__ import annotations

import argparse
import os
import platform
import re
import socket
import time
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from pydantic import TypeAdapter

from harness.inside import OUTSIDE, Inside
from harness.target import StartedTarget, TargetChoice, UnderLimit
from rundir import SCHEMA_VERSION
from scenarios.connections.options import PLAN as CONNECTIONS
from scenarios.connections.options import connections_from
from scenarios.model import Scenario
from scenarios.phases import PhasePlan

PACKAGES = ("locust", "gevent", "psutil", "pandas", "bokeh")
SECRET_HEADER = re.compile(r"auth|cookie|token|key|secret|session|passw", re.IGNORECASE)
CUT = "***"


def run_record(  # noqa: PLR0917 - each is one part of the record
    scenario: Scenario,
    scenario_file: Path,
    plan: PhasePlan,
    choice: TargetChoice,
    pid: int | None,
    started: StartedTarget | None,
    options: argparse.Namespace,
    mode: str,
    *,
    under: UnderLimit | None = None,
    inside: Inside = OUTSIDE,
) -> dict[str, Any]:
    """The content of run.json at the start of a run."""
    return {
        "schema": SCHEMA_VERSION,
        "started": time.time(),
        "ended": None,
        "end_reason": None,
        "mode": mode,
        "scenario": {
            **scenario_as_json(scenario, scenario_file.parent),
            "path": str(scenario_file),
        },
        "plan": plan_as_json(plan),
        "target": {
            "found_by": choice.found_by,
            "command": list(choice.command) or None,
            "pid": pid,
            "base_url": choice.base_url,
            "cgroup": started.cgroup if started else None,
            "cgroup_refused": started.cgroup_refused if started else None,
        },
        "host": {
            "hostname": socket.gethostname(),
            "platform": platform.platform(),
            "kernel": platform.release(),
            "mem_total_bytes": psutil.virtual_memory().total,
            "cpus": os.cpu_count(),
        },
        "versions": {"python": platform.python_version(), **_versions()},
        "sources": None,
        "sampling": {
            "interval_seconds": options.sample_interval,
            "source": options.memory_source,
            "limit": options.memory_limit,
        },
        "generator": {
            "users": options.num_users,
            "spawn_rate": options.spawn_rate,
            "workers": options.expect_workers if options.master else 0,
        },
        "plan_label": None,
        "connections": _connections(scenario, plan, options),
        "under_limit": {
            "limit_bytes": under.limit.size_bytes,
            "way": under.way.name,
            "counts": under.way.counts,
            "oom_group": under.limit.oom_group,
        }
        if under
        else None,
        "follows": options.follows,
        "inside": {
            "choice": inside.choice,
            "heap_snapshots": inside.snapshots,
            "traced": inside.components is not None,
        },
    }


def plan_as_json(plan: PhasePlan) -> dict[str, Any]:
    """Kind and phases; seconds, users, users per second."""
    return {"kind": plan.kind, "phases": [asdict(phase) for phase in plan.phases]}


def scenario_as_json(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """The scenario as resolved: secrets cut, a baseline's path in full.

    `folder` is the one that paths of the scenario start from.
    """
    content: dict[str, Any] = TypeAdapter(Scenario).dump_python(scenario, mode="json")
    for endpoint in content["endpoints"]:
        for header in endpoint["headers"]:
            if SECRET_HEADER.search(header):
                endpoint["headers"][header] = CUT
    if scenario.connections is not None:
        held = content["connections"]
        held["path"] = scenario.connections.shown_path
        # All of them: what such a table has headers for is to be let in.
        held["headers"] = dict.fromkeys(held["headers"], CUT)
    content["tier_weights"] = content.pop("weights")
    content["target"]["env"] = dict.fromkeys(content["target"]["env"], CUT)
    if scenario.gates.baseline is not None:
        content["gates"]["baseline"] = str((folder / scenario.gates.baseline).resolve())
    return content


def _connections(
    scenario: Scenario, plan: PhasePlan, options: argparse.Namespace
) -> dict[str, Any] | None:
    """What was held open, as resolved; None in every other plan."""
    if plan.kind != CONNECTIONS:
        return None
    settings = connections_from(options, scenario)
    content = asdict(settings) | {"path": settings.shown_path}
    content.pop("headers")
    return content


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
