"""Why a process of the target is gone: planned, crashed, killed for memory, or stopped by us."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from memory_sidecar.reading import Exit

OOM_KILL = "oom_kill"


@dataclass(frozen=True, slots=True)
class Departure:
    """A cause in one word, and whether somebody meant it to happen (None: cannot be told)."""

    cause: str
    planned: bool | None


def classify(
    how: Exit | None, *, is_root: bool, root_lives: bool, oom_kills: int, stopping: bool
) -> Departure:
    """Judge one exit by its status and by the group's count of OOM kills since the last look.

    A worker that exits with code 0 while its master lives was recycled; a signal that nobody of
    ours sent is a crash. The OOM killer always sends SIGKILL (mm/oom_kill.c).
    """
    if oom_kills and (how is None or how.signal == signal.SIGKILL):
        return Departure(OOM_KILL, planned=False)
    if stopping:
        return Departure("stopped_by_us", planned=True)
    if how is None:
        return Departure("unknown", planned=None)
    if how.signal is not None:
        return Departure("signal", planned=False)
    recycled = how.code == 0 and not is_root
    return Departure("recycled" if recycled and root_lives else "exit", planned=recycled)
