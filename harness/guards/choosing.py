"""Which guards a run has: options, then the scenario, then what its host asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from harness.guards.stop_switch import StopRules
from harness.hosts import is_loopback
from scenarios.errors import UsageError
from scenarios.guards import guards_from
from scenarios.model import Guards, Scenario

STOP_SECONDS = 10.0
STOP_ERROR_RATE = 0.5
STOP_MEMORY = 0.95
OFF = 1.0
"""A share above 1 never comes: this value switches a rule off."""


def choose_guards(options: Any, scenario: Scenario, base_url: str) -> Guards:
    """All figures that hold for this run; None: that guard is off. Raises UsageError.

    A host that is not loopback belongs to others, too: there the stop switch is on unless it is
    switched off with a share of 1.
    """
    guards = guards_from(options, scenario)
    guards = replace(guards, stop_seconds=guards.stop_seconds or STOP_SECONDS)
    if is_loopback(urlsplit(base_url).hostname or ""):
        return guards
    return replace(
        guards,
        stop_error_rate=guards.stop_error_rate or STOP_ERROR_RATE,
        stop_memory=guards.stop_memory or STOP_MEMORY,
    )


def stop_rules(guards: Guards) -> StopRules:
    """The stop switch's part of them."""
    shares = (guards.stop_error_rate, guards.stop_memory)
    error_rate, memory = (None if share == OFF else share for share in shares)
    return StopRules(error_rate, memory, guards.stop_seconds or STOP_SECONDS)


def check_users(users: int, guards: Guards) -> None:
    """Raises UsageError where more users are asked for than the cap allows."""
    if guards.max_users is not None and users > guards.max_users:
        raise UsageError(
            f"{users} users are above MAX_USERS={guards.max_users}; ask for at most"
            f" {guards.max_users}, or raise the cap (--max-users, [guards] max_users)"
        )


def guards_in_words(guards: Guards) -> str:
    """One line for the console; empty where nothing is guarded beside the hosts."""
    rules = stop_rules(guards)
    parts = []
    if guards.max_users is not None:
        parts.append(f"at most {guards.max_users} users")
    if guards.max_rps is not None:
        parts.append(f"at most {guards.max_rps:g} requests/s")
    if rules.error_rate is not None:
        parts.append(f"stops above {rules.error_rate:.0%} failed requests")
    if rules.memory is not None:
        parts.append(f"stops above {rules.memory:.0%} of the memory limit")
    if rules.any:
        parts[-1] += f" ({rules.seconds:g} s)"
    return "guards: " + ", ".join(parts) if parts else ""
