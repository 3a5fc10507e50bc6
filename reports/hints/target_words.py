"""The words for make that lead to a run's target."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

from reports.hints.make_words import command_line, variable, words_of
from reports.run_again import RunAgain
from reports.run_info import RunInfo

START = "TARGET='the command that starts it'"
PARTS = re.compile(r"[\s='\"]")
PORTS = {"http": 80, "https": 443}


def target_words(info: RunInfo) -> str:
    """To the target as it was come by; empty where the scenario says itself how it is started."""
    if info.found_by == "command":
        command = _command(info.again)
        return words_of(command, *_address(info, with_host=bool(command)))
    if info.found_by == "remote":
        return words_of(*_address(info, with_host=True, always=True), "SIDECAR_URL=...")
    port = _port(_parts(info))
    return words_of(f"PORT={port}" if port else "", *_address(info, with_host=True))


def start_words(info: RunInfo) -> str:
    """The same for a command that has to start the target itself."""
    return target_words(info) if info.found_by == "command" else START


def _command(again: RunAgain) -> str:
    if not again.command or _is_the_scenarios(again):
        return ""
    line = command_line(again.command)
    # Without its folders it would be another command, and those of a machine are not shown.
    if line is None or any(map(_has_folder, again.command)):
        return START
    return variable("TARGET", line)


def _has_folder(word: str) -> bool:
    return any(Path(part).is_absolute() for part in PARTS.split(word))


def _is_the_scenarios(again: RunAgain) -> bool:
    """Word by word; a word with a placeholder was filled in."""
    ours, started = again.scenario_command, again.command
    return len(ours) == len(started) and all(
        one == other or "{" in one for one, other in zip(ours, started, strict=True)
    )


def _address(info: RunInfo, *, with_host: bool, always: bool = False) -> tuple[str, ...]:
    """HOST, unless it is what a port alone leads to, and leave to load what is not loopback."""
    parts = _parts(info)
    if parts is None:
        return ()
    plain = info.base_url == f"http://127.0.0.1:{parts.port}"
    name = parts.hostname or ""
    return (
        variable("HOST", _shown(parts)) if with_host and (always or not plain) else "",
        "" if _is_loopback(name) else variable("ALLOW_HOST", name),
    )


def _shown(parts: SplitResult) -> str:
    """Without a password, and without a query, which may hold a token."""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _parts(info: RunInfo) -> SplitResult | None:
    """None without an address, or one that cannot be read."""
    try:
        parts = urlsplit(info.base_url or "")
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _port(parts: SplitResult | None) -> int | None:
    return (parts.port or PORTS.get(parts.scheme)) if parts else None


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
