"""Before the mix of an attribution plan: which endpoints are to be seen alone, too."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from gevent import subprocess

from harness.report_process import ROOT
from harness.run import Run
from scenarios.errors import UsageError
from scenarios.isolation import mix_index, with_endpoints_alone
from scenarios.mix import loaded_tiers
from scenarios.model import Endpoint, PhaseSettings, Scenario
from scenarios.phases import ATTRIBUTION, PhasePlan

PATIENCE_SECONDS = 120.0


SAMPLES_IN_REST = 12
"""The reports need five in its second half; some ticks come late."""


def check_isolating(
    plan: PhasePlan, scenario: Scenario, settings: PhaseSettings, interval_seconds: float
) -> None:
    """Raises UsageError where an attribution plan could not isolate, or not measure, anything."""
    if plan.kind == ATTRIBUTION:
        _check_endpoints(scenario)
        _check_rests(settings, interval_seconds)


def _check_rests(settings: PhaseSettings, interval_seconds: float) -> None:
    """A rest needs samples for its level."""
    least = SAMPLES_IN_REST * interval_seconds
    if settings.rest_seconds < least:
        raise UsageError(
            f"--rest {settings.rest_seconds:g}: a rest needs {SAMPLES_IN_REST} samples; with one"
            f" every {interval_seconds:g} s that is {least:g} s: lengthen it or shorten"
            " --sample-interval"
        )


def _check_endpoints(scenario: Scenario) -> None:
    """Somebody has to know what the users ask, all of them, and which of it is which."""
    if not scenario.endpoints:
        raise UsageError(
            f"the attribution plan needs [[endpoints]]: what user_class {scenario.user_class} asks"
            " cannot be isolated; a run with another plan is judged by regression where its"
            " requests vary enough"
        )
    if scenario.user_class is not None:
        raise UsageError(
            f"the attribution plan cannot isolate what user_class {scenario.user_class} asks in"
            " place of the [[endpoints]]: use a copy of the scenario without user_class"
        )
    tiers: dict[str, set[str]] = {}
    for endpoint in scenario.endpoints:
        tiers.setdefault(endpoint.key, set()).add(endpoint.tier.value)
    for key, names in tiers.items():
        if len(names) > 1:
            raise UsageError(
                f"the attribution plan cannot isolate {key}, which is in the tiers"
                f" {' and '.join(sorted(names))}: statistics count both as one endpoint; give one"
                ' of them a name of its own (name = "...")'
            )


class Isolating:
    """Asks the reports, in a process of their own, what the tiers alone have shown so far.

    Nothing of the answer is measured: it only says what is worth the time of a phase.
    """

    def __init__(
        self, scenario: Scenario, settings: PhaseSettings, say: Callable[[str], None]
    ) -> None:
        self._scenario = scenario
        self._settings = settings
        self._say = say
        self._asking: gevent.Greenlet[..., list[Endpoint]] | None = None
        self._done = False

    def may_begin(self, plan: PhasePlan, index: int, run: Run) -> bool:
        """False while the reports are asked, which is before the mix and only once."""
        if self._done or plan.kind != ATTRIBUTION or index != mix_index(plan):
            return True
        if self._asking is None:
            run.write_statistics()
            self._asking = gevent.spawn(self._ask, run.directory.path)
        return self._asking.ready()

    def grown(self, plan: PhasePlan, index: int) -> PhasePlan | None:
        """Once they have answered: the plan with its new phases, None where there are none.

        Where another phase than the mix is due by then (the load was ended), there are none.
        """
        if self._done or self._asking is None or not self._asking.ready():
            return None
        self._done = True
        found = self._asking.get()
        if not found or index != mix_index(plan):
            return None
        longer, left_out = with_endpoints_alone(plan, self._settings, found)
        if left_out:
            self._say(
                f"the budget of {self._settings.budget_minutes:g} minutes leaves out "
                + ", ".join(endpoint.key for endpoint in left_out)
                + "; --budget-minutes gives more"
            )
        return longer if longer != plan else None

    def _ask(self, run: Path) -> list[Endpoint]:
        command = [sys.executable, "-m", "reports", "suspicious", str(run)]
        try:
            told = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                check=True,
            )  # fmt: skip
            answer: dict[str, Any] = json.loads(told.stdout)
            tiers, because = list(answer["tiers"]), list(answer["because"])
        except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError) as error:
            self._say(
                f"warning: which tier is suspicious cannot be told now ({_why(error)}):"
                " the endpoints of all tiers are tried, heavy ones first"
            )
            return self._of([tier.value for tier in reversed(loaded_tiers(self._scenario))])
        for line in because:
            self._say(line)
        return self._of(tiers)

    def _of(self, tiers: list[str]) -> list[Endpoint]:
        """Endpoints of these tiers, in their order; one that is alone in its tier was seen.

        Requests that share method and name are one endpoint.
        """
        found: list[Endpoint] = []
        for tier in tiers:
            here = {e.key: e for e in reversed(self._scenario.endpoints) if e.tier.value == tier}
            found += reversed(here.values()) if len(here) > 1 else []
        return found


def _why(error: Exception) -> str:
    """What the reports said, without their name in front of it."""
    said = str(getattr(error, "stderr", None) or "").strip().splitlines()
    return said[-1].removeprefix("python -m reports: ") if said else type(error).__name__
