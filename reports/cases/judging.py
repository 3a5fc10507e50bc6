"""Two run directories and a definition in, the record of the case out."""

from __future__ import annotations

from pathlib import Path

from reports.cases.promises import checks_of
from reports.cases.record import CaseRecord, Machine
from reports.cases.side import read_side, side_story
from reports.comparing.comparison import compare
from reports.errors import UsageError
from reports.run_info import RunInfo
from rundir import CaseRun, RunDirectory, read_case_run
from scenarios.cases.model import Case


def judge_case(
    name: str, case: Case, before_path: Path, after_path: Path, generated: float
) -> CaseRecord:
    """Raises UsageError for a directory that is no run, or not that side of this case."""
    ran = _ran_as(before_path, name, "before"), _ran_as(after_path, name, "after")
    before, after = read_side(before_path, generated), read_side(after_path, generated)
    stories = side_story(before, case, ran[0].env), side_story(after, case, ran[1].env)
    compared = compare([before.figures], [after.figures])
    info = before.data.info
    return CaseRecord(
        case=name,
        made=info.started,
        seconds=round(ran[1].ended - ran[0].began, 1),
        machine=_machine(info),
        before=stories[0],
        after=stories[1],
        advised=dict(ran[1].advised),
        sentence=compared.sentence,
        differences=compared.differences,
        caveats=compared.caveats,
        checks=checks_of(case.promise, *stories, compared.differences),
    )


def _ran_as(path: Path, name: str, side: str) -> CaseRun:
    """The switches are those that the run was given, not those that it should have had."""
    directory = RunDirectory(path)
    again = f"make case-{name} does both runs and says where they are"
    try:
        ran = read_case_run(directory)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"{path}: not a run of a case (no {directory.case_json.name}); {again}"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{directory.case_json}: cannot be read ({error}); {again}") from None
    if (ran.case, ran.side) != (name, side):
        raise UsageError(
            f"{path}: a run of case {ran.case}, {ran.side} the fix, where one of {name}, {side} the"
            f" fix, is needed; {again}"
        )
    return ran


def _machine(info: RunInfo) -> Machine:
    """No name of the host, and no path of it."""
    return Machine(
        info.cpus, info.mem_total_bytes, info.kernel, info.python_version, info.locust_version
    )
