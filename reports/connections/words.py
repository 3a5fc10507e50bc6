"""The finding in one sentence, and what to mind about it."""

from __future__ import annotations

from reports.connections.findings import (
    NO,
    NOTHING,
    PARTLY,
    YES,
    Connections,
    HeldGrowth,
    OpenCount,
)
from reports.connections.opened import disagrees
from reports.units import count_text, duration_text, percent, size_text, small_size_text


def in_one_sentence(found: Connections) -> str:
    """What one needs; whether it grows while held; what comes back."""
    parts = [_each(found), _held(found.held), _returned(found)]
    return f"{count_text(found.asked)} {found.noun}s to {found.path}: " + "; ".join(parts) + "."


def _each(found: Connections) -> str:
    if found.bytes_per_connection is not None and found.ci95 is not None:
        low, high = map(small_size_text, found.ci95)
        each = small_size_text(found.bytes_per_connection)
        return f"{each} for each (95 % interval {low} to {high})"
    if found.below_bytes is not None:
        return f"below {small_size_text(max(1.0, found.below_bytes))} for each (97.5 % sure)"
    return f"what each needs cannot be told ({found.reason})"


def _held(held: HeldGrowth | None) -> str:
    if held is None:
        return "whether they grow while held cannot be told (the hold was too short or never came)"
    if held.reason is not None:
        return f"whether they grow while held cannot be told ({held.reason})"
    if held.bytes_per_second is not None and held.ci95 is not None:
        low, high = map(small_size_text, held.ci95)
        return (
            f"while held, each grows by {small_size_text(held.bytes_per_second)} every second"
            f" (95 % interval {low} to {high})"
        )
    below = small_size_text(max(1.0, held.below_bytes_per_second or 0))
    return (
        f"held for {duration_text(held.seconds)} they do not grow"
        f" (each by less than {below} a second)"
    )


def _returned(found: Connections) -> str:
    back = found.returned
    told = {
        YES: f"once closed, {percent(min(1.0, back.fraction or 0))} of it comes back",
        PARTLY: f"once closed, only {percent(back.fraction)} of it comes back"
        f" ({size_text(back.kept_bytes)} stay)",
        NO: f"once closed, it does not come back ({size_text(back.kept_bytes)} stay)",
        NOTHING: "there is nothing to come back",
    }
    return told.get(back.word, f"whether it comes back cannot be told ({back.reason})")


def growing_headline(found: Connections | None) -> str | None:
    """For the report's first sentence; None where nothing grows while it is held."""
    if found is None or found.held is None or found.held.bytes_per_second is None:
        return None
    rate = small_size_text(found.held.bytes_per_second)
    return f"Each open connection grows by {rate} every second for as long as it is held."


def connection_caveats(found: Connections | None) -> tuple[str, ...]:
    """Empty in a run of another kind."""
    if found is None:
        return ()
    return (
        "In this run a user is one open connection, and a request is the opening of one"
        + (" or a touch of it." if found.kind != "events" else "; events are not counted."),
        *_counted(found),
        *_again(found),
        *_left(found),
        "What the kernel's socket buffers hold is in no process's memory; a memory group counts it"
        " only where the kernel charges sockets to it.",
    )


def _counted(found: Connections) -> tuple[str, ...]:
    if all(one.open is None for one in found.counts):
        return ("How many connections were really open is unknown: no descriptors were read.",)
    return tuple(_disagreement(one) for one in found.counts if disagrees(one))


def _disagreement(one: OpenCount) -> str:
    if one.lacks:
        return (
            f"{one.phase}: {count_text(one.open)} connections were open by the target's"
            f" descriptors, {count_text(one.asked)} were asked for; figures are for those that were"
            " open."
        )
    return (
        f"{one.phase}: {count_text(one.open)} descriptors for {count_text(one.asked)} connections:"
        " the service opened more than these; figures are for each of the connections."
    )


def _again(found: Connections) -> tuple[str, ...]:
    if not found.reconnects:
        return ()
    return (
        f"The server closed connections: {count_text(found.reconnects)} were opened again"
        f" ({count_text(found.failed_reconnects)} of these tries failed); a keep-alive time-out"
        " below touch_seconds, a worker that was replaced, or a limit does that.",
    )


def _left(found: Connections) -> tuple[str, ...]:
    left = found.returned.still_open
    if left is None or left <= max(2, 0.05 * found.asked):
        return ()
    return (f"{count_text(left)} descriptors are still open after all connections were closed.",)
