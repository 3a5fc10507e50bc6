"""Ties one Locust process to target, runs and report, through Locust's own events."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import WorkerRunner

from harness.guards.guarding import Guarding
from harness.guards.stop_switch import Stop
from harness.guards.users import GuardedUsers
from harness.health import wait_until_healthy
from harness.hosts import check_host
from harness.inside import OUTSIDE, inside_of
from harness.interrupting import interrupt_main_greenlet
from harness.live.history import LiveRun
from harness.live.page import LivePage
from harness.phases_by_hand import PhasesByHand
from harness.progress import ProgressDisplay
from harness.report_process import write_report
from harness.run import HEARTBEAT_SECONDS, PhaseClock, Run
from harness.run_record import run_record
from harness.sidecar_process import SidecarSettings
from harness.sidecars.choosing import Remote, remote_of
from harness.sidecars.local import LocalSidecar
from harness.sidecars.watching import Begin
from harness.start_form import refuse_bad_form
from harness.target import (
    StartedTarget,
    TargetChoice,
    UnderLimit,
    choose_target,
    find_pid,
    under_limit,
)
from harness.webhook import Webhook
from harness.workers import Workers, report_often
from memory_sidecar.errors import TargetError
from rundir import RunClock, RunDirectory, create_run_directory
from scenarios.errors import UsageError
from scenarios.loading import with_gates
from scenarios.model import Scenario
from scenarios.options import settings_from
from scenarios.phases import PhasePlan, make_plan
from scenarios.shape import PlannedShape


def attach(scenario: Scenario, scenario_file: Path) -> Callable[..., None]:
    """A listener for Locust's `init` event that sets everything up for this process."""

    def on_init(environment: Environment, web_ui: Any = None, **_: Any) -> None:
        if isinstance(environment.runner, WorkerRunner):
            GuardedUsers(environment, scenario.target.verify_tls)
            report_often()
            return
        session = Session(environment, scenario, scenario_file)
        try:
            session.prepare(web_ui)
        except (UsageError, TargetError) as error:
            session.close()
            print(f"error: {error}", file=sys.stderr)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            session.close()
            print("interrupted before the run began", file=sys.stderr)
            sys.exit(130)

    return on_init


class Session:
    """From Locust's init to its quitting: one target, one or (web UI) several runs."""

    def __init__(self, environment: Environment, scenario: Scenario, scenario_file: Path) -> None:
        self._environment = environment
        self._scenario = scenario
        self._scenario_file = scenario_file
        self._options: Any = environment.parsed_options
        self._display = ProgressDisplay()
        self._choice: TargetChoice | None = None
        self._started: StartedTarget | None = None
        self._pid = 0
        self._directory: RunDirectory | None = None
        self._run: Run | None = None
        self._completed = False
        self._end_reason = ""
        self._load_stopped = False
        self._log_start = 0
        self._reported = 0
        self._closing: gevent.Greenlet[..., None] | None = None
        self._webhook: Webhook | None = None
        self._live: LiveRun | None = None
        self._under: UnderLimit | None = None
        self._remote: Remote | None = None
        self._inside = OUTSIDE
        self._looked: set[int] = set()
        self._guarding: Guarding | None = None

    # -- before the first run

    def prepare(self, web_ui: Any) -> None:
        """Check all input, start or find the target, wait for its health. Raises UsageError."""
        settings = settings_from(self._options, self._scenario)
        plan = make_plan(settings)
        if plan.kind == "manual" and self._options.headless:
            raise UsageError("--plan manual needs the web UI; leave out --headless")
        _check_interval(self._options.sample_interval)
        if self._options.gates:
            self._scenario = with_gates(self._scenario, Path(self._options.gates))
        if self._options.alert_webhook:
            self._webhook = Webhook(self._options.alert_webhook, self._display.say)
        if web_ui:
            _check_free(self._options.web_host or "127.0.0.1", self._options.web_port)
        self._choose()
        self._guard(settings.users)
        self._make_directory()
        self._come_by_target()
        self._bind(plan, web_ui)

    def _choose(self) -> None:
        options = self._options
        if options.host:
            check_host(options.host, options.allow_host)
        self._remote = remote_of(options)
        self._choice = (
            self._remote.choice(self._scenario, options.host)
            if self._remote
            else choose_target(
                self._scenario,
                host=options.host,
                pid=options.target_pid,
                port=options.target_port,
                name=options.target_name,
                command=options.target_command,
            )
        )
        if self._choice.base_url:
            check_host(self._choice.base_url, options.allow_host)
        self._under = under_limit(options, self._choice)
        self._inside = inside_of(options, self._scenario)

    def _guard(self, users: int) -> None:
        assert self._choice  # noqa: S101
        base_url = self._choice.base_url or self._scenario.target.base_url
        self._guarding = Guarding(self._environment, self._scenario, base_url)
        self._guarding.check_users(users)
        self._guarding.tell(self._display.say)

    def _make_directory(self) -> None:
        root = Path(self._options.runs_dir)
        try:
            self._directory = create_run_directory(root, self._scenario.name)
        except OSError as error:
            raise UsageError(
                f"{root}: no run directory can be made there ({error.strerror}); give another "
                "with --runs-dir"
            ) from None

    def _come_by_target(self) -> None:
        assert self._choice and self._directory  # noqa: S101 - set by the steps before
        target = self._scenario.target
        if self._choice.command:
            self._display.say("starting the target: " + " ".join(self._choice.command))
            self._started = StartedTarget(
                self._choice,
                self._scenario,
                self._directory.target_log,
                self._under,
                self._inside,
            )
            self._pid = self._started.pid
            gevent.spawn(self._watch_target)
            if not self._choice.base_url:
                address = self._started.wait_for_address(self._scenario)
                self._choice = TargetChoice(address, command=self._choice.command)
        elif self._remote:
            for warning in self._remote.check():
                self._display.say(warning)
        else:
            self._pid = find_pid(self._choice)
        try:
            wait_until_healthy(
                self._choice.base_url + target.health,
                target.health_timeout_seconds,
                say=self._display.say,
                gone=self._why_target_is_gone,
                verify_tls=target.verify_tls,
                allowed=self._options.allow_host,
            )
        except UsageError as error:
            if self._under is None:
                raise
            size = self._under.limit.size_bytes / 2**20
            raise UsageError(f"the target does not start under {size:,.1f} MiB: {error}") from None
        where = ", ".join(one.name for one in self._remote.addresses) if self._remote else ""
        who = f"measured by the sidecar(s) of {where}" if self._remote else f"pid {self._pid}"
        self._display.say(f"target is up: {self._choice.base_url}, {who}")

    def _why_target_is_gone(self) -> str | None:
        started = self._started
        if started is None or not started.exited:
            return None
        how = f"signal {started.signal}" if started.signal else f"exit code {started.exit_code}"
        words = started.last_words()
        return f"{how}{'; its last words: ' + words if words else ''} (see {started.log})"

    def _bind(self, plan: PhasePlan, web_ui: Any) -> None:
        assert self._choice  # noqa: S101
        environment = self._environment
        for user_class in environment.user_classes:
            user_class.host = self._choice.base_url
        environment.host = self._choice.base_url
        # In-flight requests may finish when users leave: a cut connection is no service failure.
        environment.stop_timeout = environment.stop_timeout or 5.0
        interrupt_main_greenlet()
        environment.events.test_stop.add_listener(self._on_test_stop)
        environment.events.quitting.add_listener(self._on_quitting)
        environment.events.cpu_warning.add_listener(self._on_cpu_warning)
        if plan.kind == "manual":
            environment.shape_class = None
            environment.events.test_start.add_listener(self._on_test_start)
        elif isinstance(environment.shape_class, PlannedShape):
            environment.shape_class.listener = self
        if self._options.headless:
            # Locust's tables average over phases without users; the report has one per phase.
            self._options.only_summary = True
            logging.getLogger("locust.stats_logger").setLevel(logging.WARNING)
        if web_ui:
            web_ui.app.before_request(self._refuse_bad_form)
            LivePage(web_ui, Path(self._options.runs_dir), lambda: self._live)
            self._display.say(
                f"open http://{self._options.web_host or '127.0.0.1'}:{self._options.web_port} "
                "and press Start; memory is on its page /memory; Ctrl-C ends it"
            )

    # -- what the shape tells

    def run_begins(self) -> PhasePlan | None:
        """Open a run directory with its sidecar; None when that fails (said on stderr)."""
        self._wait_until_closed()
        try:
            plan = make_plan(settings_from(self._options, self._scenario))
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
        if run is None or moment is None:
            return True
        if index not in self._looked:
            self._looked.add(index)
            run.look(moment)
            return not (run.status and run.status.looking)
        return not run.looking

    def phase_begins(self, plan: PhasePlan, index: int) -> None:
        """Announce it."""
        if self._run:
            phase = plan.phases[index]
            self._run.begin_phase(phase, index, phase.seconds)

    def plan_completed(self) -> None:
        """The end was planned."""
        self._completed = True

    def _open_run(self, plan: PhasePlan) -> None:
        assert self._choice  # noqa: S101
        if self._directory is None:
            self._make_directory()
        assert self._directory  # noqa: S101
        mode = "headless" if self._options.headless else "web"
        if self._started is None and self._remote is None:
            self._pid = find_pid(self._choice)
        record = run_record(
            self._scenario,
            self._scenario_file,
            plan,
            self._choice,
            self._pid or None,
            self._started,
            self._options,
            mode,
            under=self._under,
            inside=self._inside,
        )
        if self._guarding:
            self._guarding.run_begins()
            record["guards"] = asdict(self._guarding.settings)
        clock = RunClock.start()
        self._looked = set()
        self._completed, self._end_reason, self._load_stopped = False, "", False
        self._run = Run(
            self._environment,
            self._directory,
            record,
            clock,
            self._begin_measuring(self._directory, clock),
            say=self._display.say,
            webhook=self._webhook,
        )
        self._live = self._run.live
        gevent.spawn(self._beat, self._run)

    def _begin_measuring(self, directory: RunDirectory, clock: RunClock) -> Begin:
        assert self._choice  # noqa: S101
        if self._remote:
            return self._remote.begin(clock, self._options.sample_interval)
        settings = SidecarSettings(
            self._pid,
            self._options.sample_interval,
            directory.path,
            clock,
            self._options.memory_limit,
            self._options.memory_source,
            self._choice.name,
            self._inside.choice,
            self._inside.snapshots,
            self._inside.components,
        )
        return partial(LocalSidecar, settings)

    # -- while a run goes on

    def _beat(self, run: Run) -> None:
        hand = PhasesByHand()
        workers = Workers(self._environment.runner)
        while run is self._run:
            for name, fields in workers.changes():
                run.note(name, **fields)
                self._display.say(f"{name.replace('_', ' ')}: {fields['worker']}")
            if self._environment.shape_class is None:
                hand.follow(run, self._environment)
            moment = run.heartbeat(self._clock())
            if run is self._run:
                self._display.show(moment)
                stop = self._guarding.look(moment) if self._guarding else None
                if stop is not None:
                    self._stop_load(run, stop)
                if run.status and not run.status.target_alive and not run.sidecar_lost:
                    who = "" if self._remote else f" (pid {self._pid})"
                    self._stop_early(f"the target{who} is gone", "target_lost")
            gevent.sleep(HEARTBEAT_SECONDS)

    def _stop_load(self, run: Run, stop: Stop) -> None:
        assert self._guarding  # noqa: S101 - it gave the reason
        run.note("load_stopped", **asdict(stop))
        self._load_stopped = True
        self._display.say(f"error: the load is stopped: {stop.words()}; the cooldown is kept")
        self._guarding.stop_load()

    def _clock(self) -> PhaseClock:
        shape = self._environment.shape_class
        if not isinstance(shape, PlannedShape) or shape.plan is None:
            return PhaseClock(0.0, 0.0)
        left = max(0.0, shape.plan.seconds - shape.elapsed_seconds())
        return PhaseClock(shape.seconds_left_in_phase(), left)

    def _watch_target(self) -> None:
        started = self._started
        if started is None or not started.wait_for_exit() or self._run is None:
            return
        if started.killed_for_memory:
            # The container's group goes with its first process: only Docker still knows.
            self._run.note("oom_kill", pids=[started.pid], count=1, group=None)
        self._run.note(
            "process_exited",
            pid=started.pid,
            create_time=None,
            role="root",
            planned=False,
            exit_code=started.exit_code,
            signal=started.signal,
        )
        self._stop_early(f"the target ended: {self._why_target_is_gone()}", "target_lost")

    def _stop_early(self, why: str, reason: str) -> None:
        if self._end_reason:
            return
        self._end_reason = reason
        self._display.say(f"error: {why}; the run is stopped here")
        shape, runner = self._environment.shape_class, self._environment.runner
        if isinstance(shape, PlannedShape):
            # Locust's own way to an end: a second quit() beside it would overtake the report.
            shape.cancel()
        elif runner is not None:
            gevent.spawn(runner.stop)

    def _on_cpu_warning(self, cpu_usage: float, **_: Any) -> None:
        if self._run:
            self._run.note("generator_saturated", cpu_percent=cpu_usage)
        self._display.say(
            f"warning: the load generator itself uses {cpu_usage:.0f} % of its core; "
            "the service may look slower than it is"
        )

    # -- the end of a run, and of the process

    def _on_test_start(self, **_: Any) -> None:
        self.run_begins()

    def _on_test_stop(self, **_: Any) -> None:
        self._end_run()

    def _end_run(self) -> None:
        """Take leave of the run without waiting; a greenlet of its own closes and reports it.

        Locust counts a shape as running until this returns, and ignores a start until then.
        """
        run, self._run = self._run, None
        if run is None:
            return
        run.freeze()
        run.live.state = "reporting"
        shape = self._environment.shape_class
        by_hand = shape is None
        reason = self._end_reason or ("completed" if self._completed or by_hand else "interrupted")
        if reason == "completed" and self._load_stopped:
            reason = "load_stopped"
        if isinstance(shape, PlannedShape):
            shape.run_ended()
        self._directory = None
        self._display.close()
        self._closing = gevent.spawn(self._close_run, run, reason)

    def _close_run(self, run: Run, reason: str) -> None:
        complete = run.end(reason)
        self._copy_log(run.directory)
        self._reported = write_report(run.directory.path)
        run.live.state, run.live.reason = "ended", reason
        if not complete:
            self._reported = 2

    def _wait_until_closed(self) -> None:
        if self._closing:
            self._closing.get()

    def _copy_log(self, directory: RunDirectory) -> None:
        """In the web UI one target serves several runs: each gets its stretch of the output."""
        if self._started is None or self._started.log == directory.target_log:
            if self._started:
                self._log_start = self._started.log.stat().st_size
            return
        with contextlib.suppress(OSError), self._started.log.open("rb") as log:
            log.seek(self._log_start)
            stretch = log.read()
            self._log_start += len(stretch)
            directory.target_log.write_bytes(stretch)

    def _on_quitting(self, environment: Environment, **_: Any) -> None:
        self._end_run()
        self._wait_until_closed()
        self.close()
        if self._reported and environment.process_exit_code is None:
            environment.process_exit_code = self._reported

    def close(self) -> None:
        """Stop the target if it is ours, and leave no empty run directory behind."""
        self._display.close()
        if self._started:
            self._started.stop()
        if self._directory and not self._directory.run_json.exists():
            log = self._directory.target_log
            if not log.exists() or not log.stat().st_size:
                log.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    self._directory.path.rmdir()

    def _refuse_bad_form(self) -> Any:
        return refuse_bad_form(
            self._options,
            self._scenario,
            self._guarding,
            str(self._environment.host),
            self._display.say,
        )


def _check_interval(seconds: float) -> None:
    if not 0.01 <= seconds <= 60:
        raise UsageError(f"INTERVAL={seconds:g}: expected 0.01 to 60 seconds")


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"web UI: {host}:{port} cannot be used ({error.strerror}); choose another with "
                "--web-port"
            ) from None
