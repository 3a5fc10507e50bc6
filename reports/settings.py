"""What a reader of a run may set: thresholds, and what the size is for."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from typing import Any

from reports.errors import UsageError
from reports.gates.rules import GateRules, read_gates
from reports.run_info import RunInfo
from reports.sizing.wish import Wish
from reports.verdicts.thresholds import Thresholds
from rundir.sizes import parse_size

THRESHOLDS = (
    ("growth_warning_bytes", "50MiB", "memory kept after the load that is a warning"),
    ("growth_critical_bytes", "100MiB", "the same, critical"),
    ("usage_warning", "80%%", "share of the limit that is tight"),
    ("usage_critical", "90%%", "share of the limit that the advised size stays under"),
    ("released_fraction", "50%%", "share of the growth that a healthy service gives back"),
    ("failed_fraction", "5%%", "share of failed requests from which on nothing is said"),
    ("heap_growth_warning_bytes", "50MiB", "growth of a runtime's own heap that is a warning"),
    ("heap_growth_critical_bytes", "100MiB", "the same, critical"),
    ("gc_time_warning", "5%%", "share of the load's time in collections that is a warning"),
    ("gc_time_critical", "10%%", "the same, critical"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`thresholds` by name override the scenario's, which override the defaults; so do `gates`."""

    wish: Wish = field(default_factory=Wish)
    thresholds: tuple[tuple[str, float], ...] = ()
    gates: GateRules | None = None

    def thresholds_of(self, info: RunInfo) -> Thresholds:
        """Those that hold for this run."""
        given: dict[str, Any] = {**dict(info.thresholds), **dict(self.thresholds)}
        return replace(Thresholds(), **given)


def settings_of(options: argparse.Namespace) -> Settings:
    """From the command line. Raises UsageError that names the option and what it expects."""
    if options.users is not None and options.users < 1:
        raise UsageError(f"--users {options.users}: give a number of users, 1 or more")
    if not options.restart_hours > 0:
        raise UsageError(f"--restart-hours {options.restart_hours:g}: give hours above 0")
    given = [
        (name, _value(name, text))
        for name, _, _ in THRESHOLDS
        if (text := getattr(options, name)) is not None
    ]
    gates = read_gates(options.gates) if options.gates else None
    return Settings(Wish(options.users, options.restart_hours * 3600), tuple(given), gates)


def _value(name: str, text: str) -> float:
    option = "--" + name.replace("_", "-")
    if name.endswith("_bytes"):
        try:
            return parse_size(text)
        except ValueError as error:
            raise UsageError(f"{option} {error}") from None
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise UsageError(f"{option} {text!r}: give a share such as 80% or 0.8")
    return share
