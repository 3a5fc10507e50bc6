"""Opens runs: each with a directory of its own, its run.json, and somebody who measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from locust.env import Environment

from harness.checked_input import CheckedInput
from harness.run import Run
from harness.run_record import run_record
from rundir import RunClock, RunDirectory, create_run_directory, remove_unused
from scenarios.errors import UsageError
from scenarios.phases import PhasePlan


class RunOpening:
    """The first directory is made before its run: the target writes its output there."""

    def __init__(
        self,
        environment: Environment,
        given: CheckedInput,
        scenario_file: Path,
        say: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._options: Any = environment.parsed_options
        self._scenario, self._scenario_file = given.scenario, scenario_file
        self._target, self._guarding = given.target, given.guarding
        self._say, self._webhook = say, given.webhook
        self._directory: RunDirectory | None = None

    def next_directory(self) -> RunDirectory:
        """That of the run to come, made when first asked for. Raises UsageError."""
        if self._directory is None:
            root = Path(self._options.runs_dir)
            try:
                self._directory = create_run_directory(root, self._scenario.name)
            except OSError as error:
                raise UsageError(
                    f"{root}: no run directory can be made there ({error.strerror}); give another "
                    "with --runs-dir"
                ) from None
        return self._directory

    def open(self, plan: PhasePlan) -> Run:
        """Begin to measure. Raises UsageError, or TargetError where the target is gone."""
        directory = self.next_directory()
        self._target.find_again()
        record = self._record(plan)
        clock = RunClock.start()
        run = Run(
            self._environment,
            directory,
            record,
            clock,
            self._target.measuring(directory, clock),
            say=self._say,
            webhook=self._webhook,
        )
        self._directory = None
        return run

    def _record(self, plan: PhasePlan) -> dict[str, Any]:
        target = self._target
        record = run_record(
            self._scenario,
            self._scenario_file,
            plan,
            target.choice,
            target.pid or None,
            target.started,
            self._options,
            "headless" if self._options.headless else "web",
            under=target.under,
            inside=target.inside,
        )
        self._guarding.run_begins()
        record["guards"] = asdict(self._guarding.settings)
        return record

    def discard_unused(self) -> None:
        """Remove a directory in which no run began and the target said nothing."""
        if self._directory is not None:
            remove_unused(self._directory)
