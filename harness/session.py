"""Ties one Locust process to target, runs and report, through Locust's own events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.checked_input import check_input
from harness.guards.users import GuardedUsers
from harness.heartbeat import Heartbeat
from harness.hosts import check_host
from harness.isolating import Isolating
from harness.live.history import LiveRun
from harness.locust_defaults import settle_locust
from harness.progress import ProgressDisplay
from harness.run import HEARTBEAT_SECONDS, Run
from harness.run_closing import RunClosing
from harness.run_ending import RunEnding
from harness.run_opening import RunOpening
from harness.selecting import Selecting, follow_selection
from harness.web_ui import extend_web_ui
from harness.workers import report_often
from memory_sidecar.errors import TargetError
from scenarios.errors import UsageError
from scenarios.mix import loaded_tiers
from scenarios.model import Scenario
from scenarios.options import settings_from
from scenarios.phases import PhasePlan, make_plan
from scenarios.selection import Selection
from scenarios.shape import PlannedShape


def attach(scenario: Scenario, scenario_file: Path) -> Callable[..., None]:
    """A listener for Locust's `init` event that sets everything up for this process."""

    def on_init(environment: Environment, web_ui: Any = None, **_: Any) -> None:
        if isinstance(environment.runner, WorkerRunner):
            GuardedUsers(environment, scenario.target.verify_tls)
            follow_selection(environment)
            report_often()
            return
        try:
            Session(environment, scenario, scenario_file, web_ui).prepare()
        except (UsageError, TargetError) as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            print("interrupted before the run began", file=sys.stderr)
            sys.exit(130)

    return on_init


class Session:
    """From Locust's init to its quitting: one target, one or (web UI) several runs."""

    def __init__(
        self, environment: Environment, scenario: Scenario, scenario_file: Path, web_ui: Any
    ) -> None:
        """Check all input; nothing is started or written. Raises UsageError or TargetError."""
        self._environment, self._web_ui = environment, web_ui
        self._options: Any = environment.parsed_options
        self._display = ProgressDisplay()
        say = self._display.say
        given = check_input(environment, scenario, web_ui, say)
        self._scenario, self._by_hand = given.scenario, given.by_hand
        self._target, self._guarding = given.target, given.guarding
        self._inside = given.target.inside
        self._opening = RunOpening(environment, given, scenario_file, say)
        self._closing = RunClosing(given.target)
        self._run: Run | None = None
        self._ending: RunEnding | None = None
        self._live: LiveRun | None = None
        self._looked: set[int] = set()
        self._selecting = Selecting(environment)
        self._isolating: Isolating | None = None

    # -- before the first run

    def prepare(self) -> None:
        """Come by the target, then follow Locust's events; on an error all is undone.

        Raises UsageError or TargetError.
        """
        try:
            self._guarding.tell(self._display.say)
            log = self._opening.next_directory().target_log
            self._target.come_by(log, self._target_ended)
            self._bind()
        except BaseException:
            self._close()
            raise

    def _bind(self) -> None:
        environment = self._environment
        settle_locust(environment, self._target.choice.base_url)
        environment.events.test_stop.add_listener(lambda **_: self._end_run())
        environment.events.quitting.add_listener(self._on_quitting)
        environment.events.cpu_warning.add_listener(self._on_cpu_warning)
        if self._by_hand:
            environment.shape_class = None
            environment.events.test_start.add_listener(lambda **_: self.run_begins())
        elif isinstance(environment.shape_class, PlannedShape):
            environment.shape_class.listener = self
        if self._web_ui:
            extend_web_ui(
                self._web_ui,
                environment,
                self._scenario,
                self._guarding,
                live=lambda: self._live,
                say=self._display.say,
            )

    # -- what the shape tells

    def run_begins(self) -> PhasePlan | None:
        """Open a run directory with its sidecar; None when that fails (said on stderr)."""
        self._closing.wait()
        try:
            settings = settings_from(self._options, self._scenario)
            plan = make_plan(settings, loaded_tiers(self._scenario))
            self._isolating = Isolating(self._scenario, settings, self._display.say)
            check_host(str(self._environment.host), self._options.allow_host)
            self._open_run(plan)
        except (UsageError, TargetError) as error:
            self._display.say(f"error: {error}")
            self._environment.process_exit_code = error.exit_code
            return None
        return plan

    def may_begin(self, plan: PhasePlan, index: int) -> bool:
        """Between two phases the target may be asked what its memory is; wait until it has told."""
        run, moment = self._run, self._inside.moment_before(plan, index)
        if run is not None and not self._has_isolated(run, plan, index):
            return False
        if run is None or moment is None:
            return True
        if index not in self._looked:
            runner = self._environment.runner
            if runner is not None and runner.user_count:
                # Who is still waiting for an answer would get it after the look.
                return False
            self._looked.add(index)
            run.look(moment)
            return not (run.status and run.status.looking)
        return not run.looking

    def _has_isolated(self, run: Run, plan: PhasePlan, index: int) -> bool:
        """Before the mix: phases for what the tiers alone have shown are put in first."""
        if self._isolating is None or not self._isolating.may_begin(plan, index, run):
            return self._isolating is None
        longer, shape = self._isolating.grown(plan, index), self._environment.shape_class
        if longer is None or not isinstance(shape, PlannedShape):
            return True
        shape.plan = longer
        run.plan_grows(longer)
        return False

    def phase_begins(self, plan: PhasePlan, index: int) -> None:
        """Announce it."""
        phase = plan.phases[index]
        if phase.users:
            # Users who are about to leave go on asking what they asked.
            self._selecting.select(Selection.of(phase))
        if self._run:
            self._run.begin_phase(phase, index, phase.seconds)

    def plan_completed(self) -> None:
        """The end was planned."""
        if self._ending:
            self._ending.plan_completed()

    def _open_run(self, plan: PhasePlan) -> None:
        run = self._opening.open(plan)
        self._looked = set()
        self._run, self._live = run, run.live
        self._ending = RunEnding(self._environment, run, self._guarding, self._display.say)
        gevent.spawn(self._beat, run, self._ending)

    # -- while a run goes on

    def _beat(self, run: Run, ending: RunEnding) -> None:
        heartbeat = Heartbeat(self._environment, run, self._display.say)
        who = "the target" if self._target.remote else f"the target (pid {self._target.pid})"
        while run is self._run:
            moment = heartbeat.beat()
            if run is self._run:
                self._display.show(moment)
                ending.look(moment, who)
            gevent.sleep(HEARTBEAT_SECONDS)

    def _target_ended(self) -> None:
        if self._run and self._ending:
            self._target.note_exit(self._run.note)
            self._ending.target_lost(f"the target ended: {self._target.why_gone()}")

    def _on_cpu_warning(self, cpu_usage: float, **_: Any) -> None:
        if self._run:
            self._run.note("generator_saturated", cpu_percent=cpu_usage)
        self._display.say(
            f"warning: the load generator itself uses {cpu_usage:.0f} % of its core; "
            "the service may look slower than it is"
        )

    # -- the end of a run, and of the process

    def _end_run(self) -> None:
        """Take leave of the run without waiting, and leave the rest to its closing.

        Locust counts a shape as running until this returns, and ignores a start until then.
        """
        run, self._run = self._run, None
        if run is None or self._ending is None:
            return
        run.freeze()
        shape = self._environment.shape_class
        if isinstance(shape, PlannedShape):
            shape.run_ended()
        self._display.close()
        self._closing.begin(run, self._ending.reason)

    def _on_quitting(self, environment: Environment, **_: Any) -> None:
        self._end_run()
        self._closing.wait()
        self._close()
        if self._closing.exit_code and environment.process_exit_code is None:
            environment.process_exit_code = self._closing.exit_code

    def _close(self) -> None:
        """Stop the target if it is ours, and leave no empty run directory behind."""
        self._display.close()
        self._target.stop()
        self._opening.discard_unused()
