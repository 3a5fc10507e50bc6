"""The switches of the demo service, read from the environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pkgutil import resolve_name
from typing import NoReturn

from demo.leak import LeakPlace
from demo.tiers import Tier

_TOP_MIB = 1 << 20  # 1 TiB: anything above is a slip of the pen


@dataclass(frozen=True)
class Switches:
    """What the environment asks of the demo service; units are in the names."""

    leak_bytes: int = 0
    leak_tiers: tuple[Tier, ...] = (Tier.HEAVY,)
    leak_in: LeakPlace = LeakPlace.PROCESS
    leak_path: str = ""
    transient_mib: int = 0
    transient_ms: float = 50.0
    transient_path: str = "/"
    cache_mib: int = 0
    cache_entry_kib: int = 64
    cache_bound: bool = True
    spike_mib: int = 0
    spike_ms: float = 50.0
    spike_every: int = 50
    retain_mib: int = 0
    user_mib: int = 0
    garbage_mib: int = 0
    garbage_kib: int = 64
    holes_mib: int = 0
    crash_every: int = 0
    error_rate: Fraction = Fraction(0)
    slow_ms: float = 0.0
    slow_tier: Tier = Tier.HEAVY
    job_seconds: float = 0.0
    job_closes_session: bool = True
    job_decorator: str = ""
    ai_seconds: float = 0.3
    strategy_cache: bool = True
    scheduler: bool = False
    event_queue: int = 0
    event_bytes: int = 1024
    events_per_second: Fraction = Fraction(5)
    connection_kib: int = 0


class SwitchError(ValueError):
    """A switch whose value cannot be used; the text is one line naming the variable."""


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, str(default)).strip()
    # isdigit() takes more than int() does, and int() takes "1_000": ASCII digits only
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and low <= int(text) <= high):
        raise SwitchError(f"{name}={text!r}: expected a whole number from {low} to {high}")
    return int(text)


def _exact(env: Mapping[str, str], name: str, default: str, high: int) -> Fraction:
    text = env.get(name, default).strip()
    problem = SwitchError(f"{name}={text!r}: expected a number from 0 to {high}")
    # digits and one point only: Fraction would also take "1/3", and "1e999999999" for ages
    if len(text) > 30 or not text.isascii() or not text.replace(".", "", 1).isdigit():
        raise problem
    number = Fraction(text)
    if number > high:
        raise problem
    return number


def _tier(env: Mapping[str, str], name: str) -> Tier:
    text = env.get(name, Tier.HEAVY.value).strip()
    try:
        return Tier(text)
    except ValueError:
        raise SwitchError(f"{name}={text!r}: expected light, medium or heavy") from None


def _leak_tiers(env: Mapping[str, str]) -> tuple[Tier, ...]:
    name = "DEMO_LEAK_TIER"
    if env.get(name, "").strip() == "all":
        return tuple(Tier)
    try:
        return (_tier(env, name),)
    except SwitchError:
        raise SwitchError(f"{name}={env[name]!r}: expected light, medium, heavy or all") from None


def _place(env: Mapping[str, str], name: str) -> LeakPlace:
    text = env.get(name, LeakPlace.PROCESS.value).strip()
    try:
        return LeakPlace(text)
    except ValueError:
        places = ", ".join(place.value for place in LeakPlace)
        raise SwitchError(f"{name}={text!r}: expected one of {places}") from None


def _path(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, default).strip()
    if text and not text.startswith("/"):
        raise SwitchError(f"{name}={text!r}: expected the beginning of a path, such as /api/ask")
    return text or default


def _flag(env: Mapping[str, str], name: str, default: str) -> bool:
    text = env.get(name, default).strip()
    if text not in {"on", "off"}:
        raise SwitchError(f"{name}={text!r}: expected on or off")
    return text == "on"


def _session(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "closed").strip()
    if text not in {"closed", "open"}:
        raise SwitchError(f"{name}={text!r}: expected closed or open")
    return text == "closed"


def _decorator(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").strip()
    if not text:
        return ""
    try:
        found = resolve_name(text)
    except (ValueError, ImportError, AttributeError):
        found = None
    if not callable(found):
        raise SwitchError(f"{name}={text!r}: expected module:name of a decorator")
    return text


def read_switches(env: Mapping[str, str]) -> Switches:
    """Return the switches set in env; raise SwitchError naming the first bad variable."""
    switches = Switches(
        leak_bytes=_whole(env, "DEMO_LEAK_BYTES", 0, 0, 1 << 40),
        leak_tiers=_leak_tiers(env),
        leak_in=_place(env, "DEMO_LEAK_IN"),
        leak_path=_path(env, "DEMO_LEAK_PATH", ""),
        transient_mib=_whole(env, "DEMO_TRANSIENT_MIB", 0, 0, _TOP_MIB),
        transient_ms=float(_exact(env, "DEMO_TRANSIENT_MS", "50", 3_600_000)),
        transient_path=_path(env, "DEMO_TRANSIENT_PATH", "/"),
        cache_mib=_whole(env, "DEMO_CACHE_MIB", 0, 0, _TOP_MIB),
        cache_entry_kib=_whole(env, "DEMO_CACHE_ENTRY_KIB", 64, 1, 1 << 30),
        cache_bound=_flag(env, "DEMO_CACHE_BOUND", "on"),
        spike_mib=_whole(env, "DEMO_SPIKE_MIB", 0, 0, _TOP_MIB),
        spike_ms=float(_exact(env, "DEMO_SPIKE_MS", "50", 3_600_000)),
        spike_every=_whole(env, "DEMO_SPIKE_EVERY", 50, 1, 1 << 30),
        retain_mib=_whole(env, "DEMO_RETAIN_MIB", 0, 0, _TOP_MIB),
        user_mib=_whole(env, "DEMO_USER_MIB", 0, 0, _TOP_MIB),
        garbage_mib=_whole(env, "DEMO_GARBAGE_MIB", 0, 0, _TOP_MIB),
        garbage_kib=_whole(env, "DEMO_GARBAGE_KIB", 64, 1, 1 << 30),
        holes_mib=_whole(env, "DEMO_HOLES_MIB", 0, 0, _TOP_MIB),
        crash_every=_whole(env, "DEMO_CRASH_EVERY", 0, 0, 1 << 30),
        error_rate=_exact(env, "DEMO_ERROR_RATE", "0", 1),
        slow_ms=float(_exact(env, "DEMO_SLOW_MS", "0", 3_600_000)),
        slow_tier=_tier(env, "DEMO_SLOW_TIER"),
        job_seconds=float(_exact(env, "DEMO_JOB_SECONDS", "0", 86_400)),
        job_closes_session=_session(env, "DEMO_JOB_SESSION"),
        job_decorator=_decorator(env, "DEMO_JOB_DECORATOR"),
        ai_seconds=float(_exact(env, "DEMO_AI_SECONDS", "0.3", 3600)),
        strategy_cache=_flag(env, "DEMO_STRATEGY_CACHE", "on"),
        scheduler=_flag(env, "DEMO_SCHEDULER", "off"),
        event_queue=_whole(env, "DEMO_EVENT_QUEUE", 0, 0, 1 << 30),
        event_bytes=_whole(env, "DEMO_EVENT_BYTES", 1024, 128, 1 << 24),
        events_per_second=_exact(env, "DEMO_EVENTS_PER_SECOND", "5", 10_000),
        connection_kib=_whole(env, "DEMO_CONNECTION_KIB", 0, 0, 1 << 30),
    )
    if 0 < switches.cache_mib * 1024 < switches.cache_entry_kib:
        raise SwitchError(
            f"DEMO_CACHE_ENTRY_KIB={switches.cache_entry_kib}: "
            f"one entry does not fit into DEMO_CACHE_MIB={switches.cache_mib}"
        )
    return switches


def _refuse(problem: SwitchError) -> NoReturn:
    print(f"demo: {problem}", file=sys.stderr, flush=True)
    raise SystemExit(2)


def switches_or_exit() -> Switches:
    """Return the switches of this process's environment, or end it with code 2."""
    try:
        return read_switches(os.environ)
    except SwitchError as problem:
        _refuse(problem)
