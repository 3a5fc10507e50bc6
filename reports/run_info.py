"""run.json as a frozen record; each key may be absent, and absent is None."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from reports.connections.held_open import HeldOpen, parse_held_open
from reports.errors import UsageError
from reports.run_again import RunAgain, parse_run_again
from reports.verdicts.thresholds import Thresholds
from rundir import SCHEMA_VERSION
from scenarios.model import Tier


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """One endpoint of the scenario, as Locust names it, with its tier."""

    method: str
    name: str
    tier: str


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """One of several targets: the machine it is on, and that machine's memory in bytes."""

    name: str
    hostname: str | None = None
    mem_total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase as planned: `endpoints` ("METHOD name") alone, or all of `tiers`.

    `isolates`: it does not load the whole mix. `seconds`: None is unknown.
    """

    name: str
    seconds: float | None = None
    tiers: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    paced: bool = True

    @property
    def isolates(self) -> bool:
        return bool(self.endpoints) or 0 < len(self.tiers) < len(Tier) or not self.paced


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the harness wrote about the run. Times in epoch seconds, sizes in bytes."""

    plimsoll_version: str | None = None
    started: float | None = None
    ended: float | None = None
    end_reason: str | None = None
    mode: str | None = None
    scenario: str | None = None
    endpoints: tuple[EndpointInfo, ...] = ()
    plan_kind: str | None = None
    plan_label: str | None = None
    found_by: str | None = None
    command: str | None = None
    target_pid: int | None = None
    base_url: str | None = None
    hostname: str | None = None
    kernel: str | None = None
    mem_total_bytes: int | None = None
    cpus: int | None = None
    python_version: str | None = None
    locust_version: str | None = None
    sources: tuple[str, ...] = ()
    interval_seconds: float | None = None
    generator_users: int | None = None
    generator_workers: int | None = None
    thresholds: tuple[tuple[str, float], ...] = ()
    scenario_path: str | None = None
    limit_enforced_bytes: int | None = None
    limit_way: str | None = None
    limit_counts: str | None = None
    follows: str | None = None
    gates: tuple[tuple[str, str | float], ...] = ()
    traced: bool = False
    targets: tuple[TargetInfo, ...] = ()
    planned_load_seconds: float | None = None
    max_rps: float | None = None
    verify_tls: bool | None = None
    phases: tuple[PlannedPhase, ...] = ()
    held_open: HeldOpen | None = None
    again: RunAgain = field(default_factory=RunAgain)

    @property
    def can_isolate(self) -> bool:
        """Whether a plan can ask each endpoint alone: not where a user class decides itself."""
        return bool(self.endpoints) and not self.again.user_class


def parse_run_info(content: dict[str, Any]) -> RunInfo:
    """Read the keys that are there and of the right kind; leave the others None.

    Raises UsageError for a schema version that this reader does not know.
    """
    schema = content.get("schema", SCHEMA_VERSION)
    if schema != SCHEMA_VERSION:
        raise UsageError(
            f"run.json has schema {schema!r}; this version reads schema {SCHEMA_VERSION}:"
            " use the Plimsoll version that wrote the run"
        )
    target, host = _part(content, "target"), _part(content, "host")
    scenario, versions = _part(content, "scenario"), _part(content, "versions")
    plan, generator = _part(content, "plan"), _part(content, "generator")
    under = _part(content, "under_limit")
    return RunInfo(
        plimsoll_version=_text(content.get("plimsoll_version")),
        started=_number(content.get("started")),
        ended=_number(content.get("ended")),
        end_reason=_text(content.get("end_reason")),
        mode=_text(content.get("mode")),
        scenario=_text(scenario.get("name")),
        endpoints=tuple(_endpoints(scenario.get("endpoints"))),
        plan_kind=_text(plan.get("kind")),
        plan_label=_text(content.get("plan_label")),
        found_by=_text(target.get("found_by")),
        command=_command(_items(target.get("command"))),
        target_pid=_whole(target.get("pid")),
        base_url=_text(target.get("base_url")),
        hostname=_text(host.get("hostname")),
        kernel=_text(host.get("kernel")),
        mem_total_bytes=_whole(host.get("mem_total_bytes")),
        cpus=_whole(host.get("cpus")),
        python_version=_text(versions.get("python")),
        locust_version=_text(versions.get("locust")),
        sources=tuple(map(str, _items(content.get("sources")))),
        interval_seconds=_number(_part(content, "sampling").get("interval_seconds")),
        generator_users=_whole(generator.get("users")),
        generator_workers=_whole(generator.get("workers")),
        thresholds=_thresholds(_part(scenario, "thresholds")),
        scenario_path=_text(scenario.get("path")),
        limit_enforced_bytes=_whole(under.get("limit_bytes")),
        limit_way=_text(under.get("way")),
        limit_counts=_text(under.get("counts")),
        follows=_text(content.get("follows")),
        targets=tuple(_targets(content.get("targets"))),
        planned_load_seconds=_load_seconds(plan),
        max_rps=_number(_part(content, "guards").get("max_rps")),
        verify_tls=_flag(_part(scenario, "target").get("verify_tls")),
        phases=tuple(_phases(plan.get("phases"))),
        held_open=parse_held_open(content.get("connections")),
        again=parse_run_again(content),
        traced=_part(content, "inside").get("traced") is True,
        gates=tuple(
            (str(name), value)
            for name, value in _part(scenario, "gates").items()
            if isinstance(value, str | int | float)
        ),
    )


def _thresholds(table: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """Those that were set, under the names of `Thresholds`; sizes in bytes."""
    known = {field.name for field in fields(Thresholds)}
    return tuple(
        (name, number)
        for name, value in table.items()
        if name in known and (number := _number(value)) is not None
    )


def _load_seconds(plan: dict[str, Any]) -> float | None:
    """Seconds of all planned phases with users; where parts come before the mix, the mix's."""
    phases = [phase for phase in _items(plan.get("phases")) if isinstance(phase, dict)]
    if plan.get("kind") == "attribution":
        phases = [phase for phase in phases if phase.get("name") == "load"]
    known = [phase for phase in phases if phase.get("users")]
    return sum(_number(phase.get("seconds")) or 0.0 for phase in known) or None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _part(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _command(words: list[Any]) -> str | None:
    """The command with its program's bare name: the folder is in run.json for who needs it."""
    if not words:
        return None
    return " ".join([Path(str(words[0])).name, *map(str, words[1:])])


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _targets(value: Any) -> list[TargetInfo]:
    found = []
    for entry in _items(value):
        if isinstance(entry, dict):
            host = _part(entry, "host")
            known = _text(host.get("hostname")), _whole(host.get("mem_total_bytes"))
            found.append(TargetInfo(str(entry.get("name") or ""), *known))
    return found


def _phases(value: Any) -> list[PlannedPhase]:
    return [
        PlannedPhase(
            str(entry.get("name") or ""),
            _number(entry.get("seconds")),
            tuple(map(str, _items(entry.get("tiers")))),
            tuple(map(str, _items(entry.get("endpoints")))),
            entry.get("paced") is not False,
        )
        for entry in _items(value)
        if isinstance(entry, dict)
    ]


def _endpoints(value: Any) -> list[EndpointInfo]:
    return [
        EndpointInfo(
            str(entry.get("method") or "GET"),
            str(entry.get("name") or entry.get("path") or ""),
            str(entry.get("tier") or ""),
        )
        for entry in _items(value)
        if isinstance(entry, dict)
    ]
