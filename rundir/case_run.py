"""What a run was, where it was run as one side of a case: a file of its own in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from rundir.layout import RunDirectory, write_whole


@dataclass(frozen=True, slots=True)
class CaseRun:
    """`side`: before or after the fix; `env`: the switches that it ran with.

    `advised`: figures of the first run's report that are among them. `began` and `ended` (epoch
    seconds): from the command that was given to the report that was written.
    """

    case: str
    side: str
    env: Mapping[str, str]
    began: float
    ended: float
    advised: Mapping[str, int] = field(default_factory=dict)


def write_case_run(directory: RunDirectory, ran: CaseRun) -> None:
    """Raises OSError."""
    write_whole(directory.case_json, json.dumps(asdict(ran), indent=1) + "\n")


def read_case_run(directory: RunDirectory) -> CaseRun:
    """Raises FileNotFoundError where the run was none of a case, ValueError for other content."""
    content = json.loads(directory.case_json.read_text(encoding="utf-8"))
    try:
        return CaseRun(
            str(content["case"]),
            str(content["side"]),
            {str(name): str(value) for name, value in content["env"].items()},
            float(content["began"]),
            float(content["ended"]),
            {str(name): int(value) for name, value in content["advised"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"unknown content ({error.__class__.__name__}: {error})") from error
