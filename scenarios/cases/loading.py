"""A case's TOML file, read and validated once; every error names file, table and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from scenarios.cases.filling import check_places
from scenarios.cases.model import Case, CasePromise
from scenarios.errors import UsageError
from scenarios.toml_file import key_sentence, read_toml

FOLDER = Path(__file__).parent
_CASE = TypeAdapter(Case)


def case_names() -> tuple[str, ...]:
    """Those that are shipped."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_case(name: str) -> Case:
    """The shipped case of that name. Raises UsageError that says what is wrong and where."""
    if name not in case_names():
        raise UsageError(f"'{name}': no such case; there are {', '.join(case_names())}")
    path = FOLDER / f"{name}.toml"
    return validate_case(read_toml(path), path.name)


def validate_case(content: dict[str, Any], where: str) -> Case:
    """Turn parsed TOML into a Case; `where` names the file in errors. Raises UsageError."""
    try:
        case = _CASE.validate_python(content)
    except ValidationError as error:
        found = error.errors()
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UsageError(f"{where}: {_sentence(found[0])}{more}") from None
    check_places(case.before.env, {}, f"{where}: [before.env]")
    check_places(case.after.env, {"max_requests": 1, "jitter": 1}, f"{where}: [after.env]")
    if case.promise == CasePromise():
        raise UsageError(
            f"{where}: [promise]: it promises nothing, so no run could fail to show it: give"
            " better = ['peak_bytes'], or words of the reports"
        )
    if case.job is None and (case.promise.before.job or case.promise.after.job):
        raise UsageError(f"{where}: [promise]: it promises words on a job; say which: job = '...'")
    return case


def scenario_file(case: Case) -> Path:
    """The file that the case loads. Raises UsageError where there is none."""
    path = (FOLDER / case.load.scenario).resolve()
    if not path.is_file():
        raise UsageError(f"[load] scenario '{case.load.scenario}': no such file beside the case")
    return path


def _sentence(error: ErrorDetails) -> str:
    *tables, key = [str(part) for part in error["loc"]] or ["?"]
    return key_sentence(error, f"[{'.'.join(tables)}]" if tables else "top level", key)
