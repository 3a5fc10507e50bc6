"""A small process between the suite and a target that the suite starts.

    python -m harness.guard --log FILE --grace SECONDS [--limit BYTES] [--env N=V] -- COMMAND ...

It starts COMMAND in a memory cgroup of its own where one can be made, writes {"pid": N, "cgroup":
FOLDER | null, "cgroup_refused": WHY | null} on stdout, and later {"exit_code": N, "signal": N |
null}. Its stdin is a lifeline: when that closes, because the suite asked for the end, crashed or
was killed, the command and all its descendants are stopped. With --limit the group is a hard
limit, and without such a group nothing is started. Never imports locust.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from harness.limits import cgroup_v1, cgroup_v2
from harness.limits.way import HardLimit, LimitRefused
from harness.own_cgroup import GroupRefused, OwnGroup, make_own_group

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Orphans of the target become children of this process (Linux), so none is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> list[psutil.Process]:
    """All living processes below this one."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process().children(recursive=True)
    return []


def stop_all(grace_seconds: float) -> None:
    """SIGTERM to the whole tree, then SIGKILL to whoever is left after `grace_seconds`."""
    family = descendants()
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    psutil.wait_procs(family, timeout=grace_seconds)
    for process in descendants():
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(descendants(), timeout=2.0)


def tell(**words: object) -> None:
    """One JSON line to the suite; a suite that is gone is no error here."""
    with contextlib.suppress(OSError):
        os.write(1, (json.dumps(words) + "\n").encode())


def wait_for_end(child: subprocess.Popen[bytes]) -> bool:
    """Wait until the lifeline closes (True) or the command exits (False)."""
    child_end = os.pidfd_open(child.pid) if hasattr(os, "pidfd_open") else None
    watched = [0] if child_end is None else [0, child_end]
    while True:
        ready, _, _ = select.select(watched, [], [], None if child_end is not None else 0.2)
        if 0 in ready and not os.read(0, 4096):
            return True
        if child.poll() is not None:
            return False


def wait_for_lifeline() -> None:
    """Wait until the suite asks for the end or is gone."""
    while os.read(0, 4096):
        pass


def own_group(wanted: bool) -> tuple[OwnGroup | None, str | None]:
    """A group for the command, or why there is none."""
    if not wanted:
        return None, "switched off"
    try:
        return make_own_group(), None
    except GroupRefused as refused:
        return None, str(refused)


def start(
    command: list[str], log: Path, group: OwnGroup | None, environ: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start the command, inside the group from its first page on. Raises OSError."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **environ},
            # This process has one thread, so that code between fork and exec is safe.
            preexec_fn=group.enter if group else None,  # noqa: PLW1509
        )


def limit_group(group: OwnGroup | None, refused: str | None, limit: HardLimit) -> None:
    """Raises LimitRefused where there is no group, or it takes no limit."""
    if group is None:
        raise LimitRefused(f"no memory group for the limit: {refused}")
    folder = group.folders[0]
    version = cgroup_v1 if (folder / "memory.limit_in_bytes").exists() else cgroup_v2
    version.apply(folder, limit)


def guard(
    command: list[str],
    log: Path,
    grace_seconds: float,
    *,
    wants_group: bool = True,
    limit: HardLimit | None = None,
    environ: dict[str, str] | None = None,
) -> int:
    """Run the command to its end or ours. Returns an exit code: 0, or 2 if it cannot start."""
    become_subreaper()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # A handler, not SIG_IGN: exec resets handlers, so the target can receive the signal.
        signal.signal(number, lambda *_: None)
    group, refused = own_group(wants_group)
    try:
        if limit is not None:
            limit_group(group, refused, limit)
        child = start(command, log, group, environ or {})
    except (OSError, subprocess.SubprocessError, LimitRefused) as error:
        tell(error=getattr(error, "strerror", None) or str(error))
        if group:
            group.remove()
        return 2
    tell(pid=child.pid, cgroup=str(group.folders[0]) if group else None, cgroup_refused=refused)
    asked = wait_for_end(child)
    if not asked:
        code = child.returncode
        tell(exit_code=None if code < 0 else code, signal=-code if code < 0 else None)
    stop_all(grace_seconds)
    if group:
        if not asked:
            # The sidecar still reads there how the command ended: killed for memory, or not.
            wait_for_lifeline()
        group.remove()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Start a target and stop it with the suite.")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--grace", type=float, default=5.0)
    parser.add_argument("--no-cgroup", action="store_true", help="no memory cgroup of its own")
    parser.add_argument("--limit", type=int, metavar="BYTES", help="hard limit of its group")
    parser.add_argument("--oom-group", action="store_true", help="one kill takes all (v2)")
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="for the command alone"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    limit = HardLimit(options.limit, options.oom_group) if options.limit else None
    return guard(
        command,
        options.log,
        options.grace,
        wants_group=not options.no_cgroup,
        limit=limit,
        environ=dict(pair.split("=", 1) for pair in options.env),
    )


if __name__ == "__main__":
    sys.exit(main())
