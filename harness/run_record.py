"""run.json: what was run, on what, with which settings."""

from __future__ import annotations

import argparse
import os
import platform
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
from scenarios.model import Scenario
from scenarios.phases import PhasePlan

PACKAGES = ("locust", "gevent", "psutil", "pandas", "bokeh")
SECRET_HEADERS = ("authorization", "cookie", "x-api-key", "proxy-authorization")


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
        "plan": {"kind": plan.kind, "phases": [asdict(phase) for phase in plan.phases]},
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
        },
        "generator": {
            "users": options.num_users,
            "spawn_rate": options.spawn_rate,
            "workers": options.expect_workers if options.master else 0,
        },
        "plan_label": None,
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


def scenario_as_json(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """The scenario as resolved: values of secret headers cut, a baseline's path in full.

    `folder` is the one that paths of the scenario start from.
    """
    content: dict[str, Any] = TypeAdapter(Scenario).dump_python(scenario, mode="json")
    for endpoint in content["endpoints"]:
        for header in endpoint["headers"]:
            if header.lower() in SECRET_HEADERS:
                endpoint["headers"][header] = "***"
    content["tier_weights"] = content.pop("weights")
    content["target"]["env"] = dict.fromkeys(content["target"]["env"], "***")
    if scenario.gates.baseline is not None:
        content["gates"]["baseline"] = str((folder / scenario.gates.baseline).resolve())
    return content


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
