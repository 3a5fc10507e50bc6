"""The definition of a case, its mistakes told as the reports tell theirs."""

from __future__ import annotations

from reports.errors import UsageError
from scenarios.cases.loading import load_case
from scenarios.cases.model import Case
from scenarios.errors import UsageError as ScenarioError


def definition(name: str) -> Case:
    """Raises UsageError where there is no such case, or its file is not valid."""
    try:
        return load_case(name)
    except ScenarioError as error:
        raise UsageError(str(error)) from None
