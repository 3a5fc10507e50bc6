"""Two run directories and a definition in, the record of the case out."""

from __future__ import annotations

from pathlib import Path

from reports.cases.promises import checks_of
from reports.cases.record import CaseRecord, Machine
from reports.cases.side import Side, read_side, side_story
from reports.comparing.comparison import compare
from reports.errors import UsageError
from reports.run_info import RunInfo
from scenarios.cases.filling import filled
from scenarios.cases.model import Case
from scenarios.errors import UsageError as ScenarioError


def judge_case(
    name: str, case: Case, before_path: Path, after_path: Path, generated: float
) -> CaseRecord:
    """Raises UsageError for a directory that is no run, or not a run of this case."""
    before, after = read_side(before_path, generated), read_side(after_path, generated)
    try:
        env = filled(case.after.env, before.advised)
    except ScenarioError as error:
        raise UsageError(f"{before_path}: {error}") from None
    stories = side_story(before, case, case.before.env), side_story(after, case, env)
    compared = compare([before.figures], [after.figures])
    info = before.data.info
    return CaseRecord(
        case=name,
        made=info.started,
        seconds=_seconds(before, after),
        machine=_machine(info),
        before=stories[0],
        after=stories[1],
        # Only where the run after the fix was given it.
        advised=before.advised if env != case.after.env else {},
        sentence=compared.sentence,
        differences=compared.differences,
        caveats=compared.caveats,
        checks=checks_of(case.promise, *stories, compared.differences),
    )


def _seconds(before: Side, after: Side) -> float | None:
    """From the start of the first run to the end of the second one."""
    started, ended = before.data.info.started, after.data.info.ended
    return None if started is None or ended is None else ended - started


def _machine(info: RunInfo) -> Machine:
    """No name of the host, and no path of it."""
    return Machine(
        info.cpus, info.mem_total_bytes, info.kernel, info.python_version, info.locust_version
    )
