"""A sidecar's times in the run's clock."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rundir import Event, read_events


@dataclass(frozen=True, slots=True)
class Offset:
    """What is added to a sidecar's wall and monotonic time (s), as measured at `at` (our time)."""

    at: float
    wall: float
    monotonic: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Correction:
    """From the sidecar's clock to the run's; between two offsets on a straight line."""

    first: Offset
    last: Offset

    def wall(self, theirs: float) -> float:
        """UTC epoch seconds of the run's clock."""
        return theirs + self.first.wall + self._share(theirs) * (self.last.wall - self.first.wall)

    def monotonic(self, theirs: float, their_wall: float) -> float:
        """Monotonic seconds of the run's machine, of something at `their_wall`."""
        drift = self.last.monotonic - self.first.monotonic
        return theirs + self.first.monotonic + self._share(their_wall) * drift

    def birth(self, theirs: float) -> float:
        """Of a process. Whole hundredths are added: with its pid it is an identity."""
        return theirs + round(self.first.wall, 2)

    def _share(self, theirs: float) -> float:
        begin, end = self.first.at - self.first.wall, self.last.at - self.last.wall
        return 0.0 if end <= begin else min(1.0, max(0.0, (theirs - begin) / (end - begin)))


def correction_of(events: Iterable[Event], sidecar: str) -> Correction:
    """From its `clock_offset` events: a drift where first and last differ surely, else the best."""
    found = [
        Offset(
            event.time,
            float(event.fields["offset_seconds"]),
            float(event.fields["monotonic_offset"]),
            float(event.fields["uncertainty_seconds"]),
        )
        for event in events
        if event.name == "clock_offset" and event.fields.get("sidecar") == sidecar
    ]
    if not found:
        none = Offset(0.0, 0.0, 0.0, 0.0)
        return Correction(none, none)
    first, last = found[0], found[-1]
    if abs(last.wall - first.wall) > first.uncertainty + last.uncertainty:
        return Correction(first, last)
    best = min(found, key=lambda one: one.uncertainty)
    return Correction(best, best)


def correct_table(raw: Path, to: Path, correction: Correction, origin: float) -> None:
    """Write the table with its times corrected; cells of other columns stay as they are.

    A row that is not whole is left out. `origin` (epoch s) is second 0 of `elapsed`.
    """
    with raw.open(newline="", encoding="utf-8", errors="replace") as stream:
        rows = csv.reader(line.replace("\0", "") for line in stream)
        header = next(rows, [])
        # pathlib's own name for a file that is not whole yet.
        draft = to.with_name(to.name + ".part")
        with draft.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(header)
            fix = _fixer(header, correction, origin)
            writer.writerows(fixed for row in rows if (fixed := fix(row)) is not None)
    draft.replace(to)


def _fixer(
    header: list[str], correction: Correction, origin: float
) -> Callable[[list[str]], list[str] | None]:
    at = {name: header.index(name) for name in ("time", "elapsed", "create_time") if name in header}

    def fix(row: list[str]) -> list[str] | None:
        if len(row) != len(header) or "time" not in at:
            return None
        try:
            time = correction.wall(float(row[at["time"]]))
            row[at["time"]] = f"{time:.6f}"
            if "elapsed" in at:
                row[at["elapsed"]] = f"{time - origin:.6f}"
            if row[at["create_time"]] if "create_time" in at else "":
                born = float(row[at["create_time"]])
                row[at["create_time"]] = f"{correction.birth(born):.6f}"
        except ValueError:
            return None
        return row

    return fix


def corrected_events(raw: Path, correction: Correction) -> list[Event]:
    """The sidecar's events in the run's clock; none where there is no file."""
    if not raw.is_file():
        return []
    return [_corrected(event, correction) for event in read_events(raw)[0]]


def _corrected(event: Event, correction: Correction) -> Event:
    fields = dict(event.fields)
    if isinstance(born := fields.get("create_time"), int | float):
        fields["create_time"] = correction.birth(born)
    return Event(
        event.name,
        correction.wall(event.time),
        correction.monotonic(event.monotonic, event.time),
        fields,
    )


def as_line(event: Event) -> str:
    """One line of events.jsonl."""
    words: dict[str, Any] = {"name": event.name, "time": event.time, "monotonic": event.monotonic}
    return json.dumps(words | event.fields)
