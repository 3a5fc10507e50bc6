"""The commands of a hint: this run's folder, scenario, target and load filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.hints.make_words import shown, variable, words_of
from reports.hints.target_words import start_words, target_words
from reports.loading import RunData
from reports.run_again import CONNECTIONS
from reports.run_info import RunInfo

MANUAL = "manual"
THIS_RUN = "runs/THIS-RUN"
"""Where the folder's name has blanks, between which make takes words for several."""


@dataclass(frozen=True, slots=True)
class Commands:
    """`run`: its folder; `scenario`, `target`, `load`: words for make, empty where none are needed.

    `start`, `planned`: the same for a run whose target the suite starts, and for one by a plan that
    can be repeated. `is_started`: the suite started this run's target. `can_repeat`: `make verify`
    and `make components` can. `goal`: makes such a run.
    """

    run: str
    scenario: str
    target: str
    start: str
    load: str = ""
    planned: str = ""
    is_started: bool = True
    can_repeat: bool = True
    goal: str = "headless-test"

    def again(self, *more: str) -> str:
        """The same load once more, for instance with HEAP_SNAPSHOTS=1."""
        return words_of(f"make {self.goal}", self.scenario, self.target, self.load, *more)

    def asking(self) -> str:
        """The same load with processes of Python asked: only a started one brings a probe."""
        return self.again("INSIDE=1") if self.is_started else self.started("INSIDE=1")

    def started(self, *more: str) -> str:
        """A run that can be repeated, where this one cannot."""
        return words_of("make headless-test", self.scenario, self.start, self.planned, *more)

    def on_run(self, goal: str) -> str:
        """One of make's goals on this run's folder."""
        return words_of(f"make {goal}", variable("RUN", self.run))

    def on_scenario(self, goal: str, *more: str) -> str:
        """One of make's goals on this scenario and target."""
        return words_of(f"make {goal}", self.scenario, self.target, *more)

    def on_start(self, goal: str) -> str:
        """One of make's goals that starts the target itself."""
        return words_of(f"make {goal}", self.scenario, self.start)

    def after(self) -> str:
        """This run against one after the change."""
        return words_of("make compare", variable("BASE", self.run), "NEW=runs/THE-RUN-AFTER")


def commands_of(data: RunData) -> Commands:
    """From the folder and run.json."""
    info = data.info
    is_started = info.found_by == "command" and bool(info.again.command)
    by_plan = info.plan_kind not in (None, CONNECTIONS, MANUAL)
    load = words_of(*(variable(name, value) for name, value in info.again.settings))
    return Commands(
        _run(data.directory.path),
        _scenario(info),
        target_words(info),
        start_words(info),
        load,
        load if by_plan else "PLAN=steady",
        is_started=is_started,
        can_repeat=is_started and by_plan and not info.targets,
        goal="web" if info.plan_kind == MANUAL else "headless-test",
    )


def _run(path: Path) -> str:
    name = shown(path, "runs")
    return THIS_RUN if len(name.split()) > 1 else name


def _scenario(info: RunInfo) -> str:
    return variable("SCENARIO", shown(Path(info.scenario_path))) if info.scenario_path else ""
