"""Find the target: by pid, by the port it listens on, or by a pattern on its command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from memory_sidecar.errors import TargetError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process as discovery sees it."""

    pid: int
    parent: int
    command: str


def find_by_pid(pid: int, proc: Path = Path("/proc")) -> int:
    """The pid itself, once it is known to live and to be readable. Raises TargetError."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            raise TargetError(f"process {pid} has ended (zombie); give a running one")
        process.memory_info()
    except psutil.NoSuchProcess:
        raise TargetError(
            f"there is no process {pid} in this pid namespace; see `ps -e` (inside and outside of "
            "a container pids differ), or name the service with PORT= or NAME="
        ) from None
    except psutil.AccessDenied:
        raise TargetError(_denied(pid)) from None
    _check_rights(pid, proc)
    return pid


def _check_rights(pid: int, proc: Path) -> None:
    """Proportional sizes need the right to trace the process (ptrace(2), PTRACE_MODE_READ)."""
    try:
        (proc / str(pid) / "smaps_rollup").read_bytes()
    except PermissionError:
        raise TargetError(_denied(pid)) from None
    except OSError:
        # Not Linux, an old kernel, or gone since: told by those who read it next.
        return


def _denied(pid: int) -> str:
    return (
        f"process {pid} belongs to another user and its memory cannot be read without "
        "CAP_SYS_PTRACE: run as that user or as root, or give the sidecar's container "
        "`cap_add: [SYS_PTRACE]`"
    )


def find_by_port(port: int) -> int:
    """Who listens on TCP `port`; of a master and its workers, the master. Raises TargetError."""
    try:
        listeners = {
            connection.pid
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
        }
    except psutil.AccessDenied:
        raise TargetError(
            f"who listens on port {port} cannot be read without root; give PID= instead"
        ) from None
    pids = {pid for pid in listeners if pid}
    if not pids:
        hidden = " (or only to another user)" if listeners else ""
        raise TargetError(
            f"nobody listens on port {port}{hidden}; start the service first, or let the suite "
            "start it with TARGET='command'"
        )
    return find_by_pid(_one_family(pids, f"port {port}", _all_processes()))


def listening_ports(pid: int) -> set[int]:
    """TCP ports on which the process or one of its children listens; empty when unreadable."""
    ports: set[int] = set()
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            ports |= {
                connection.laddr.port
                for connection in process.net_connections(kind="tcp")
                if connection.status == psutil.CONN_LISTEN
            }
    except psutil.Error:
        return ports
    return ports


def find_by_name(pattern: str) -> int:
    """The process whose command line matches `pattern`. Raises TargetError for none or several."""
    try:
        matches = re.compile(pattern).search
    except re.error as error:
        raise TargetError(f"NAME={pattern}: not a regular expression ({error})") from None
    everyone = _all_processes()
    pids = matching(everyone, matches, without=_own_line(everyone))
    if not pids:
        raise TargetError(
            f"no command line matches NAME={pattern}; see `ps -ef`, or give PID= or PORT="
        )
    return find_by_pid(_one_family(pids, f"NAME={pattern}", everyone))


def matching(
    processes: Iterable[Candidate], matches: Callable[[str], object], without: set[int]
) -> set[int]:
    """Pids whose command line matches, less those that only carry the pattern themselves."""
    return {p.pid for p in processes if p.pid not in without and matches(p.command)}


def _one_family(pids: set[int], what: str, everyone: list[Candidate]) -> int:
    heads = family_heads(pids, {p.pid: p.parent for p in everyone})
    if len(heads) > 1:
        commands = {p.pid: p.command for p in everyone}
        shown = "; ".join(f"{pid} {commands.get(pid, '')[:60]}" for pid in sorted(heads)[:6])
        raise TargetError(f"{what} matches {len(heads)} processes ({shown}); give PID=")
    return heads.pop()


def family_heads(pids: set[int], parent_of: dict[int, int]) -> set[int]:
    """Those of `pids` that have no ancestor among them."""
    heads = set()
    for pid in pids:
        above, seen = parent_of.get(pid, 0), {pid}
        while above and above not in pids and above not in seen:
            seen.add(above)
            above = parent_of.get(above, 0)
        if above not in pids or above == pid:
            heads.add(pid)
    return heads


def _own_line(everyone: list[Candidate]) -> set[int]:
    """This process, its ancestors and its descendants: their command lines hold the pattern."""
    parent_of = {p.pid: p.parent for p in everyone}
    own, pid = {os.getpid()}, os.getpid()
    while pid in parent_of and parent_of[pid] not in own:
        pid = parent_of[pid]
        own.add(pid)
    return own


def _all_processes() -> list[Candidate]:
    found = []
    for process in psutil.process_iter(["pid", "ppid", "cmdline"]):
        info = process.info
        command = " ".join(info["cmdline"] or ())
        if command:
            found.append(Candidate(info["pid"], info["ppid"] or 0, command))
    return found
