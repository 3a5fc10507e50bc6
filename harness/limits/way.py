"""What all ways share: a name, what counts against the limit, and why it is not possible here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


class LimitRefused(Exception):
    """The limit cannot be set here; the message says why."""


@dataclass(frozen=True, slots=True)
class HardLimit:
    """Bytes, and whether the kernel kills the whole group (as Kubernetes does from 1.28 on)."""

    size_bytes: int
    oom_group: bool = False


@dataclass(frozen=True, slots=True)
class LimitWay:
    """One way. `refusal` says why it is not possible here (None: it is), `fix` how to get it.

    `wrap` turns a command into one that runs under the limit; ways that put the target into a group
    of its own leave the command as it is, and `sets_group` is True.
    """

    name: str
    counts: str
    fix: str
    refusal: Callable[[], str | None]
    wrap: Callable[[tuple[str, ...], HardLimit], tuple[str, ...]]
    sets_group: bool = False


Environment = Mapping[str, str]


def as_it_is(command: tuple[str, ...], _limit: HardLimit) -> tuple[str, ...]:
    """The command, unchanged."""
    return command
