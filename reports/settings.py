"""What a reader of a run may set: thresholds, and what the size is for."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field, replace
from typing import Any

from reports.errors import UsageError
from reports.gates.rules import GateRules, read_gates
from reports.run_info import RunInfo
from reports.sizing.wish import Wish
from reports.verdicts.thresholds import Thresholds

THRESHOLDS = (
    ("growth_warning_bytes", "50MiB", "memory kept after the load that is a warning"),
    ("growth_critical_bytes", "100MiB", "the same, critical"),
    ("usage_warning", "80%%", "share of the limit that is tight"),
    ("usage_critical", "90%%", "share of the limit that the advised size stays under"),
    ("released_fraction", "50%%", "share of the growth that a healthy service gives back"),
    ("failed_fraction", "5%%", "share of failed requests from which on nothing is said"),
)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KiB|MiB|GiB|B)?", re.IGNORECASE)
_UNITS = {"b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3}


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
        match = _SIZE.fullmatch(text.strip())
        if match is None or float(match[1]) <= 0:
            raise UsageError(f"{option} {text!r}: give a size such as 50MiB")
        return int(float(match[1]) * _UNITS[(match[2] or "B").lower()])
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise UsageError(f"{option} {text!r}: give a share such as 80% or 0.8")
    return share
