"""A container of Docker: the command is a `docker run`, and the limit its `--memory`."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from harness.limits.way import HardLimit, LimitWay

PATIENCE_SECONDS = 10.0
START_SECONDS = 30.0


def is_docker_run(command: tuple[str, ...]) -> bool:
    """`docker run ...` or `podman run ...`."""
    return (
        len(command) > 1 and Path(command[0]).name in ("docker", "podman") and command[1] == "run"
    )


def wrap(command: tuple[str, ...], limit: HardLimit) -> tuple[str, ...]:
    """Memory and memory-and-swap alike: no swap."""
    size = str(limit.size_bytes)
    return (*command[:2], "--memory", size, "--memory-swap", size, *command[2:])


def with_id_file(command: tuple[str, ...], file: Path) -> tuple[str, ...]:
    """The command that writes its container's id into `file`, and leaves the container lie.

    `--rm` would take away at once what Docker knows of its end; `Container.remove` does it later.
    """
    rest = tuple(word for word in command[2:] if word != "--rm")
    return (*command[:2], "--cidfile", str(file), *rest)


class Container:
    """The container that a `docker run` has started, known by the id that it wrote."""

    def __init__(self, program: str, id_file: Path) -> None:
        self._program = program
        self._id_file = id_file

    def wait_for_pid(self, seconds: float = START_SECONDS) -> int | None:
        """The container's first process as this machine knows it; None where it never ran."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self._ask("inspect", "--format", "{{.State.Pid}} {{.State.Status}}")
            pid, _, status = (answer or "0 ").partition(" ")
            if pid.isdigit() and int(pid) > 0:
                return int(pid)
            if status.strip() in ("exited", "dead"):
                return None
            time.sleep(0.1)
        return None

    def was_killed_for_memory(self) -> bool:
        """Whether its first process was; of others only the group's counter knows."""
        return self._ask("inspect", "--format", "{{.State.OOMKilled}}") == "true"

    def remove(self) -> None:
        """Kill and remove it; one that is gone is no error."""
        self._ask("rm", "--force")
        self._id_file.unlink(missing_ok=True)

    def _ask(self, *words: str) -> str | None:
        try:
            name = self._id_file.read_text().strip()
        except OSError:
            return None
        if not name:
            return None
        done = subprocess.run(
            [self._program, *words, name],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.strip() if done.returncode == 0 else None


def refusal() -> str | None:
    """Why no container can be started here."""
    program = shutil.which("docker") or shutil.which("podman")
    if program is None:
        return "there is no docker"
    try:
        done = subprocess.run(
            [program, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"docker does not answer ({error.__class__.__name__})"
    last = (done.stderr.strip().splitlines() or ["docker does not answer"])[-1]
    return None if done.returncode == 0 else last


WAY = LimitWay(
    "docker",
    "what the container's memory cgroup counts: anonymous memory, page cache, kernel memory",
    "start the Docker engine, and give TARGET='docker run ... IMAGE'",
    refusal,
    wrap,
)
