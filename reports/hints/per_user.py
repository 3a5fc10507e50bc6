"""Hint: each user costs memory."""

from __future__ import annotations

from reports.hints.figures import interval_words
from reports.hints.hint import Hint
from reports.hints.make_words import variable
from reports.hints.seen import Seen
from reports.units import percent, size_text, small_size_text

GROWING = ("linear", "superlinear")
LARGE_SHARE = 0.1
NOTABLE_BYTES = 4 * 1024 * 1024


def per_user(seen: Seen) -> Hint | None:
    """Where memory grows with users, and the users that were measured are a tenth of the peak.

    None where each was an open connection: what one costs is then known.
    """
    scaling, peak = seen.findings.scaling, seen.peak_bytes
    each, users = scaling.bytes_per_user, scaling.measured_users
    if seen.findings.connections is not None:
        return None
    if scaling.model not in GROWING or each is None or users is None:
        return None
    grown = each * (users[1] - users[0])
    if grown < max(NOTABLE_BYTES, LARGE_SHARE * (peak or 0)):
        return None
    text = (
        f"from {users[0]} to {users[1]} users memory grows by {small_size_text(each)} with each"
        f" user{interval_words(scaling.ci95)}, {scaling.model}: {size_text(grown)}"
    )
    text += f", {percent(grown / peak)} of the peak" if peak else ""
    step, command = _next(seen)
    return Hint(
        "Each user costs memory",
        text,
        step,
        command,
        "scaling",
        round(grown),
    )


def _next(seen: Seen) -> tuple[str, str]:
    """Step and command; a plan of connections opens them itself and knows no user_class."""
    again = seen.run.data.info.again
    if again.user_class:
        return (
            "See what is held per session (its buffers, caches and answers), hold less of it, run"
            " again and compare",
            seen.commands.after(),
        )
    what = ("KIND=keep-alive", variable("ENDPOINT", again.light_path))
    return (
        "See what an open connection costs; what is left is held per session: its buffers, caches"
        " and answers",
        seen.commands.on_scenario("connections", *(() if again.has_connections else what)),
    )
