"""Configuration for the advised size, in each platform's own units.

512 MiB are `512Mi` to Kubernetes and Cloud Run, `512mb` to Fly, `512M` (base 1024) to Compose and
systemd, and a bare 512 to ECS. The number of workers is pinned, because platforms set
WEB_CONCURRENCY to values of their own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.catalogue import Plan
from reports.findings import ProviderChoice, Snippet, WorkerAdvice

MIB = 1024 * 1024
STEP_MIB = 16
HIGH_FRACTION = 0.9
TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed: a name, the start command (None: not known), and how it runs.

    `limit_is_set`: the run's limit is one that somebody set, not the host's memory.
    """

    name: str
    command: str | None = None
    is_gunicorn: bool = False
    limit_is_set: bool = False

    @property
    def safe_name(self) -> str:
        """Lower-case letters, digits and dashes: what every platform takes (RFC 1123)."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:63].strip("-") or "app"


def snippets(
    deployment: Deployment,
    sizes: tuple[int, int],
    choices: Iterable[ProviderChoice],
    advice: WorkerAdvice | None,
    plans: Iterable[Plan],
) -> tuple[Snippet, ...]:
    """One for each platform that a plan was found for, and those that take any size.

    `sizes`: the peak that was measured, and what is needed (bytes).
    """
    peak, needed = map(_mib, sizes)
    common: dict[str, Any] = {
        "name": deployment.safe_name,
        "command": deployment.command,
        "workers": advice.workers if advice else None,
        "max_requests": advice.max_requests if advice else None,
        "jitter": advice.jitter if advice else None,
        "memory_mib": needed,
        "request_mib": min(peak, needed),
        "high_mib": max(peak, math.floor(HIGH_FRACTION * needed)),
    }
    known = tuple(plans)
    by_name = {(plan.provider, plan.plan): plan for plan in known}
    chosen = {
        choice.provider: by_name[(choice.provider, choice.plan.name)]
        for choice in choices
        if choice.plan is not None
    }
    if "google-cloud-run" not in chosen:
        chosen |= _smallest("google-cloud-run", known, sizes[1])
    found = [*_of_providers(common, chosen), *_of_any_size(common)]
    if deployment.command and "heroku" in chosen:
        title = f"Heroku: dyno type {chosen['heroku'].plan}"
        found.append(_snippet(title, "Procfile", "text", "Procfile.j2", common))
    if advice is not None:
        found.append(_snippet("Gunicorn", "gunicorn.conf.py", "py", "gunicorn.conf.py.j2", common))
    return tuple(found)


def _smallest(provider: str, plans: tuple[Plan, ...], needed_bytes: int) -> dict[str, Plan]:
    """The smallest size of a provider whose prices are not in the catalogue (they go by use)."""
    holding = [p for p in plans if p.provider == provider and p.sure_bytes >= needed_bytes]
    return {provider: min(holding, key=lambda plan: plan.sure_bytes)} if holding else {}


def _of_providers(common: dict[str, Any], chosen: dict[str, Plan]) -> list[Snippet]:
    found = []
    if plan := chosen.get("render"):
        own = common | {"plan": plan.plan}
        found.append(_snippet("Render", "render.yaml", "yaml", "render.yaml.j2", own))
    if plan := chosen.get("fly"):
        size = plan.plan.rsplit("-", 1)[0]
        own = common | {"plan": size, "memory_mib": plan.memory_mib}
        found.append(_snippet("Fly", "fly.toml", "toml", "fly.toml.j2", own))
    if plan := chosen.get("google-cloud-run"):
        own = common | {"memory_mib": plan.memory_mib, "vcpu": f"{max(1.0, plan.vcpu or 1):g}"}
        found.append(_snippet("Cloud Run", "service.yaml", "yaml", "cloud-run.yaml.j2", own))
    plan = chosen.get("aws-fargate")
    if plan is not None and plan.ecs_cpu and plan.ecs_memory:
        own = common | {"cpu": plan.ecs_cpu, "memory_mib": plan.ecs_memory}
        own["request_mib"] = min(own["request_mib"], plan.ecs_memory)
        found.append(_snippet("ECS on Fargate", "task.json", "json", "ecs.json.j2", own))
    return found


def _of_any_size(common: dict[str, Any]) -> list[Snippet]:
    return [
        _snippet("Kubernetes", "deployment.yaml", "yaml", "kubernetes.yaml.j2", common),
        _snippet("Docker Compose", "compose.yaml", "yaml", "compose.yaml.j2", common),
        _snippet("systemd", "memory.conf", "ini", "systemd.conf.j2", common),
    ]


def _snippet(title: str, file: str, kind: str, template: str, values: dict[str, Any]) -> Snippet:
    environment = Environment(  # noqa: S701  (configuration files, quoted value by value)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # A JSON string is a string in YAML and in TOML, too.
    environment.filters.update(quoted=json.dumps, one_line=lambda text: " ".join(text.split()))
    return Snippet(title, file, kind, environment.get_template(template).render(values))


def _mib(size_bytes: int) -> int:
    """Whole steps of 16 MiB, rounded up."""
    return math.ceil(size_bytes / MIB / STEP_MIB) * STEP_MIB
