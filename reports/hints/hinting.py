"""All hints, and those that this run gives."""

from __future__ import annotations

from collections.abc import Callable

from reports.aligning import AlignedRun
from reports.findings import Findings
from reports.hints.commands import commands_of
from reports.hints.garbage import garbage
from reports.hints.held_growth import held_growth
from reports.hints.hint import Hint
from reports.hints.idle import idle
from reports.hints.leak_inside import leak_inside
from reports.hints.leak_unattributed import leak_unattributed
from reports.hints.leaking_endpoint import leaking_endpoint
from reports.hints.page_cache import page_cache
from reports.hints.per_user import per_user
from reports.hints.preload import preload
from reports.hints.sawtooth import sawtooth
from reports.hints.seen import Seen
from reports.hints.shared_files import shared_files
from reports.hints.slack import slack
from reports.hints.transient import transient
from reports.verdicts.trace import Trace

HINTS: tuple[Callable[[Seen], Hint | None], ...] = (
    leaking_endpoint,
    leak_unattributed,
    leak_inside,
    held_growth,
    transient,
    idle,
    sawtooth,
    slack,
    garbage,
    per_user,
    preload,
    shared_files,
    page_cache,
)


def hints_of(findings: Findings, run: AlignedRun, trace: Trace) -> tuple[Hint, ...]:
    """Those whose finding is there, most bytes at stake first; else in the order of HINTS."""
    seen = Seen(findings, run, trace, commands_of(run.data))
    found = [hint for hint in (judge(seen) for judge in HINTS) if hint is not None]
    return tuple(sorted(found, key=lambda hint: -hint.stake_bytes))
