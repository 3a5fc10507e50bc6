"""Which line of the tested program holds what was gained between two snapshots."""

from __future__ import annotations

import sysconfig
import tracemalloc
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

FRAMES = 4
"""Callers kept with each block: from a library's line up to the program's. Each costs time: a Flask
request takes 5 times as long with one, 10 times with four, 19 times with eight.
"""

OURS = str(Path(__file__).parent)
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")})
NOT_SHOWN = (OURS, tracemalloc.__file__, "<frozen")


@dataclass(frozen=True, slots=True)
class Line:
    """`where` is file:line; `gained_bytes` is what blocks from there gained."""

    where: str
    gained_bytes: int


def most_gained(before: tracemalloc.Snapshot, after: tracemalloc.Snapshot) -> Line | None:
    """The line with the largest gain; None where no line gained."""
    gained: dict[tuple[str, int], int] = {}
    for difference in after.compare_to(before, "traceback"):
        frame = _of_the_program(difference.traceback)
        if frame is not None:
            place = (frame.filename, frame.lineno)
            gained[place] = gained.get(place, 0) + difference.size_diff
    nothing = (("", 0), 0)
    (filename, number), gained_bytes = max(gained.items(), key=itemgetter(1), default=nothing)
    return Line(f"{_short(filename)}:{number}", gained_bytes) if gained_bytes > 0 else None


def _of_the_program(traceback: tracemalloc.Traceback) -> tracemalloc.Frame | None:
    """The innermost line that is no library's, or else the innermost; None for our own blocks."""
    innermost = traceback[-1]
    if innermost.filename.startswith(NOT_SHOWN):
        return None
    outwards = (frame for frame in reversed(traceback) if _is_the_programs(frame.filename))
    return next(outwards, innermost)


def _is_the_programs(filename: str) -> bool:
    return not filename.startswith((*NOT_SHOWN, *LIBRARIES))


def _short(filename: str) -> str:
    path, here = Path(filename), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else filename
