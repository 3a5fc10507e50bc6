"""The target: attached to by pid, port or name, or started through the guard."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from harness.free_port import free_port
from harness.inside import OUTSIDE, Inside
from harness.limits.choosing import choose_way
from harness.limits.docker_container import Container, is_docker_run, with_id_file
from harness.limits.node_heap import runs_node, with_heap_flag
from harness.limits.way import HardLimit, LimitWay
from memory_sidecar.discovery import (
    find_by_name,
    find_by_pid,
    find_by_port,
    listening_ports,
)
from rundir.sizes import parse_size
from scenarios.errors import UsageError
from scenarios.model import Scenario

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class UnderLimit:
    """A hard limit, and the way in which it is set."""

    way: LimitWay
    limit: HardLimit


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """How to come by the target. Exactly one of pid, port, name, command, remote is set."""

    base_url: str
    pid: int | None = None
    port: int | None = None
    name: str | None = None
    command: tuple[str, ...] = ()
    remote: bool = False

    @property
    def found_by(self) -> str:
        if self.remote:
            return "remote"
        if self.command:
            return "command"
        return "pid" if self.pid else "port" if self.port else "name"


def choose_target(
    scenario: Scenario,
    *,
    host: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    name: str | None = None,
    command: str | None = None,
) -> TargetChoice:
    """Options before the scenario; the port of a loopback URL where nothing else is said.

    Raises UsageError for two ways at once or a value that is no number.
    """
    given = {"PID": pid, "PORT": port, "NAME": name, "TARGET": command}
    asked = [key for key, value in given.items() if value]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} are given together; give one of them")
    base_url = (host or scenario.target.base_url).rstrip("/")
    choice = TargetChoice(base_url)
    if pid:
        choice = replace(choice, pid=_number("PID", pid), base_url=host or "")
    elif port:
        number = _number("PORT", port)
        choice = replace(choice, port=number, base_url=host or f"http://127.0.0.1:{number}")
    elif name:
        choice = replace(choice, name=name, base_url=host or "")
    elif command:
        words = _words(command)
        fixed = host or any("{port}" in word for word in words)
        choice = replace(choice, command=words, base_url=choice.base_url if fixed else "")
    else:
        choice = _as_the_scenario_says(choice, scenario, host)
    return _with_address(choice, scenario)


def _as_the_scenario_says(
    choice: TargetChoice, scenario: Scenario, host: str | None
) -> TargetChoice:
    find = scenario.target.find
    if host is None and scenario.target.command:
        return replace(choice, command=scenario.target.command)
    if find is not None:
        return replace(choice, pid=find.pid, port=find.port, name=find.name)
    port = _port_of(choice.base_url)
    if port:
        return replace(choice, port=port)
    raise UsageError(
        "no target to watch: give PID=, PORT= or NAME= of a running service, or TARGET='command' "
        "to start one"
    )


def _with_address(choice: TargetChoice, scenario: Scenario) -> TargetChoice:
    if not choice.base_url:
        if choice.command:
            return choice
        return replace(choice, base_url=address_of(_pid_of(choice), scenario))
    port = _port_of(choice.base_url)
    if choice.command:
        port = port or free_port()
        choice = replace(choice, base_url=_with_port(choice.base_url, port))
        words = (w.replace("{port}", str(port)) for w in choice.command)
        return replace(choice, command=tuple(w.replace("{python}", sys.executable) for w in words))
    return choice


def address_of(pid: int, scenario: Scenario) -> str:
    """Base URL of a process by the port it listens on; the scenario's where that is among them.

    Raises UsageError where there is not exactly one port to choose.
    """
    ports = listening_ports(pid)
    if _port_of(scenario.target.base_url) in ports:
        return scenario.target.base_url.rstrip("/")
    if len(ports) != 1:
        where = f"ports {sorted(ports)}" if ports else "no port"
        raise UsageError(
            f"process {pid} listens on {where}: say which address gets the load, for instance "
            "HOST=http://127.0.0.1:8000"
        )
    return f"http://127.0.0.1:{ports.pop()}"


def under_limit(options: Any, choice: TargetChoice) -> UnderLimit | None:
    """The hard limit that was asked for. Raises UsageError for one that cannot be set."""
    if not options.run_under:
        return None
    if not choice.command:
        raise UsageError(
            "--run-under needs a target that the suite starts: give TARGET='command' (or a"
            " scenario with target.command); a running process cannot be put under a limit"
        )
    try:
        size = parse_size(options.run_under)
    except ValueError as error:
        raise UsageError(f"--run-under {error}") from None
    return UnderLimit(choose_way(options.limit_way, choice.command), HardLimit(size))


def find_pid(choice: TargetChoice) -> int:
    """The pid of a running target. Raises memory_sidecar.errors.TargetError."""
    return _pid_of(choice)


def _pid_of(choice: TargetChoice) -> int:
    if choice.pid:
        return find_by_pid(choice.pid)
    if choice.port:
        return find_by_port(choice.port)
    return find_by_name(choice.name or "")


class StartedTarget:
    """A target of ours, behind its guard; `stop` ends it with all its children."""

    def __init__(
        self,
        choice: TargetChoice,
        scenario: Scenario,
        log: Path,
        under: UnderLimit | None = None,
        inside: Inside = OUTSIDE,
    ) -> None:
        """Start it, `under` a hard limit where one is given, ready to be asked from `inside`.

        Raises UsageError where the command cannot be started, the port is taken, or the limit
        cannot be set.
        """
        if choice.base_url:
            _refuse_taken_port(choice.base_url)
        self.command = choice.command
        self.log = log
        self._inside = inside
        self._container: Container | None = None
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.exited = False
        self.killed_for_memory = False
        search = os.environ.get("PATH", "") + os.pathsep + str(Path(sys.executable).parent)
        port = str(_port_of(choice.base_url) if choice.base_url else "")
        own = {name: text.replace("{port}", port) for name, text in scenario.target.env.items()}
        environ = os.environ | {"PATH": search} | own
        command = choice.command
        grace = scenario.target.stop_timeout_seconds
        words = [sys.executable, "-m", "harness.guard", "--log", str(log), "--grace", str(grace)]
        self._grace_seconds = grace
        if under is not None:
            if under.way.sets_group:
                words += ["--limit", str(under.limit.size_bytes)]
                words += ["--oom-group"] if under.limit.oom_group else []
            else:
                # The way makes a group of its own, into which ours would only get in between.
                words.append("--no-cgroup")
            command = under.way.wrap(command, under.limit)
            if runs_node(choice.command):
                environ = with_heap_flag(environ, under.limit)
        if is_docker_run(choice.command):
            # Docker's own group counts; ours would hold its command line alone.
            words += [] if "--no-cgroup" in words else ["--no-cgroup"]
            id_file = log.with_name("container.id")
            command = with_id_file(command, id_file)
            self._container = Container(choice.command[0], id_file)
        environ = environ | {"PYTHONPATH": _with_root(environ.get("PYTHONPATH"))}
        for name, value in inside.added(environ).items():
            # For the target alone: the guard is Python, too, and must keep its one thread.
            words += ["--env", f"{name}={value}"]
        self._guard = subprocess.Popen(
            [*words, "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=environ,
        )
        first = self._line()
        if first is None or "pid" not in first:
            reason = (first or {}).get("error", "the guard ended")
            self.stop()
            raise UsageError(
                f"target command '{shlex.join(choice.command)}' cannot be started: {reason}; "
                "check the program's name and path"
            )
        self.pid = int(first["pid"])
        if self._container is not None:
            self.pid = self._pid_in_container(self._container)
        self.cgroup: str | None = first.get("cgroup")
        self.cgroup_refused: str | None = first.get("cgroup_refused")

    def _pid_in_container(self, container: Container) -> int:
        pid = container.wait_for_pid()
        if pid is None:
            words = self.last_words()
            self.stop()
            raise UsageError(f"the container does not start: {words or 'no output'}")
        return pid

    def _line(self) -> dict[str, Any] | None:
        assert self._guard.stdout is not None  # noqa: S101 - it was asked for as a pipe
        line = self._guard.stdout.readline()
        content: dict[str, Any] | None = json.loads(line) if line else None
        return content

    def wait_for_exit(self) -> bool:
        """Block until the target exits by itself (True) or the guard ends first (False)."""
        words = self._line()
        if words is None:
            return False
        code, number = words.get("exit_code"), words.get("signal")
        self.exit_code = code if isinstance(code, int) else None
        self.signal = number if isinstance(number, int) else None
        if self._container is not None:
            self.killed_for_memory = self._container.was_killed_for_memory()
        self.exited = True
        return True

    def wait_for_address(self, scenario: Scenario) -> str:
        """The base URL, once the target listens somewhere. Raises UsageError when it does not."""
        timeout = self._inside.start_timeout(scenario.target.health_timeout_seconds)
        deadline = time.monotonic() + timeout
        while not listening_ports(self.pid) and time.monotonic() < deadline and self.is_alive():
            time.sleep(0.1)
        if not self.is_alive():
            raise UsageError(
                "the target exited before it listened on a port: "
                f"{self.last_words() or 'no output'}"
            )
        return address_of(self.pid, scenario)

    def is_alive(self) -> bool:
        """Whether the started process still runs."""
        return psutil.pid_exists(self.pid) and not self.exited

    def stop(self) -> None:
        """Close the lifeline and wait until the guard has stopped the whole tree."""
        if self._guard.stdin and not self._guard.stdin.closed:
            self._guard.stdin.close()
        try:
            self._guard.wait(timeout=self._grace_seconds + 5.0)
        except subprocess.TimeoutExpired:
            self._guard.kill()
        if self._container is not None:
            self._container.remove()

    def last_words(self) -> str:
        """The last line of its output that says something."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _with_root(path: str | None) -> str:
    # The target may run elsewhere; the guard and the demo live in this checkout.
    return os.pathsep.join([*([path] if path else []), str(ROOT)])


def _refuse_taken_port(base_url: str) -> None:
    port = _port_of(base_url)
    if not port:
        return
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((urlsplit(base_url).hostname or "127.0.0.1", port)) == 0:
            raise UsageError(
                f"port {port} is already in use, so the target cannot be started there: stop what "
                f"listens on it, choose another port, or watch it with PORT={port}"
            )


def _words(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"TARGET '{command}': {error}") from None
    if not words:
        raise UsageError("TARGET is empty; give the command that starts the service")
    return words


def _number(key: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise UsageError(f"{key}={value}: expected a whole number") from None
    if number <= 0:
        raise UsageError(f"{key}={value}: expected a number above 0")
    return number


def _port_of(base_url: str) -> int:
    try:
        parts = urlsplit(base_url)
        if parts.port is not None:
            return parts.port
    except ValueError:
        raise UsageError(f"host '{base_url}': not a URL with a port of 0 to 65535") from None
    return {"http": 80, "https": 443}.get(parts.scheme, 0)


def _with_port(base_url: str, port: int) -> str:
    parts = urlsplit(base_url)
    host = parts.hostname or "127.0.0.1"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
