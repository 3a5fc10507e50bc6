"""From when to when each phase was in force: from events, else from the samples' own tags."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.loading import RunData
from rundir import Event

UNPHASED = "unphased"


@dataclass(frozen=True, slots=True)
class PhaseWindow:
    """One phase. Epoch seconds; `seconds` is monotonic where both ends were recorded.

    Peaks are bytes; `since_start`: the marks behind them were not set back (None: not recorded).
    """

    name: str
    index: int
    start: float
    end: float
    seconds: float
    users: int | None
    ended: bool
    peak_bytes: tuple[tuple[int, int], ...] = ()
    peak_high: int | None = None
    cgroup_peak: int | None = None
    since_start: bool | None = None
    cgroup_since_start: bool | None = None


def phase_windows(data: RunData) -> tuple[tuple[PhaseWindow, ...], tuple[str, ...]]:
    """The phases in order, at least one where anything was recorded, and caveats."""
    windows = _from_events(data)
    if windows:
        caveats = tuple(
            f"Phase {window.name} never ended: it is cut at the last thing recorded."
            for window in windows
            if not window.ended
        )
        return tuple(windows), caveats
    windows = _from_tags(data)
    if windows:
        return tuple(windows), ("No phase events: phases are read from the samples' tags.",)
    first, last = _extent(data)
    if first is None or last is None:
        return (), ("No phases, samples or requests were recorded.",)
    whole = PhaseWindow(UNPHASED, 0, first, last, last - first, None, ended=False)
    return (whole,), ("No phases were announced: the whole run is one phase, 'unphased'.",)


def _from_events(data: RunData) -> list[PhaseWindow]:
    windows: list[PhaseWindow] = []
    opened: Event | None = None
    for event in data.events:
        if event.name == "phase_started":
            if opened is not None and _is_repeated(opened, event):
                continue
            if opened is not None:
                windows.append(_window(opened, event, len(windows)))
            opened = event
        elif event.name == "phase_ended" and opened is not None:
            window = _window(opened, event, len(windows))
            windows.append(_with_peaks(window, event))
            opened = None
    if opened is not None:
        end = max(opened.time, _last_recorded(data))
        last = Event("", end, opened.monotonic + end - opened.time)
        windows.append(replace(_window(opened, last, len(windows)), ended=False))
    return windows


def _is_repeated(opened: Event, event: Event) -> bool:
    """A sidecar that was started again may write the phase that goes on once more."""
    index = event.fields.get("index")
    return index is not None and index == opened.fields.get("index")


def _with_peaks(window: PhaseWindow, ended: Event) -> PhaseWindow:
    return replace(
        window,
        peak_bytes=_peaks(ended.fields.get("peaks")),
        peak_high=_size(ended.fields.get("peak_high")),
        cgroup_peak=_size(ended.fields.get("cgroup_peak")),
        since_start=_flag(ended.fields.get("since_start")),
        cgroup_since_start=_flag(ended.fields.get("cgroup_since_start")),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _size(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _window(start: Event, end: Event, position: int) -> PhaseWindow:
    users, index = start.fields.get("users"), start.fields.get("index")
    return PhaseWindow(
        str(start.fields.get("phase") or UNPHASED),
        index if isinstance(index, int) else position,
        start.time,
        end.time,
        max(0.0, end.monotonic - start.monotonic),
        users if isinstance(users, int) else None,
        ended=True,
    )


def _peaks(peaks: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(peaks, dict):
        return ()
    return tuple(
        (int(pid), int(peak))
        for pid, peak in peaks.items()
        if str(pid).isdecimal() and isinstance(peak, int | float)
    )


def _from_tags(data: RunData) -> list[PhaseWindow]:
    tagged = data.memory[data.memory["phase"] != ""]
    if set(tagged["phase"]) <= {UNPHASED}:
        return []
    block = (tagged["phase"] != tagged["phase"].shift()).cumsum()
    windows: list[PhaseWindow] = []
    for index, (_, rows) in enumerate(tagged.groupby(block, sort=True)):
        start, end = float(rows["time"].iloc[0]), float(rows["time"].iloc[-1])
        name = str(rows["phase"].iloc[0])
        windows.append(PhaseWindow(name, index, start, end, end - start, None, ended=False))
    return windows


def _last_recorded(data: RunData) -> float:
    """The last moment that a sample, a counted second, or else an event vouches for (epoch s)."""
    _, last = _extent(data)
    if last is not None:
        return last
    return max((event.time for event in data.events), default=0.0)


def _extent(data: RunData) -> tuple[float | None, float | None]:
    times = [second.time for second in data.statistics.seconds]
    if len(data.memory):
        times += [float(data.memory["time"].iloc[0]), float(data.memory["time"].iloc[-1])]
    return min(times, default=None), max(times, default=None)
