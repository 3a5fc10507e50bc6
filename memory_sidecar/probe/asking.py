"""The other side of the probe's socket: ask a process by its pid."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

from memory_sidecar.probe.listening import SOCKETS

NAMESPACE_PIDS = "NSpid:"


class NoAnswer(Exception):
    """No probe there, or it did not answer; the text says which."""


def socket_of(pid: int, proc: Path = Path("/proc")) -> Path:
    """Where the probe of that process listens, seen from here, also inside a container."""
    uid = _uid(pid, proc)
    folder = SOCKETS.format(uid=uid).lstrip("/")
    return proc / str(pid) / "root" / folder / f"{_own_pid(pid, proc)}.sock"


def _uid(pid: int, proc: Path) -> int:
    try:
        return (proc / str(pid)).stat().st_uid
    except OSError:
        raise NoAnswer(f"process {pid} is gone") from None


def _own_pid(pid: int, proc: Path) -> str:
    """As the process itself sees it."""
    try:
        lines = (proc / str(pid) / "status").read_text().splitlines()
    except OSError:
        raise NoAnswer(f"process {pid} is gone") from None
    return next((line.split()[-1] for line in lines if line.startswith(NAMESPACE_PIDS)), str(pid))


def has_probe(pid: int) -> bool:
    """Whether a socket is there; somebody who died may have left it."""
    try:
        return os.access(socket_of(pid), os.W_OK)
    except NoAnswer:
        return False


def ask(pid: int, question: str, seconds: float = 2.0, **words: Any) -> dict[str, Any]:
    """One question, one answer. Raises NoAnswer."""
    line = json.dumps({"ask": question, **words}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(socket_of(pid)))
            connection.sendall(line)
            received = b""
            while not received.endswith(b"\n"):
                part = connection.recv(65536)
                if not part:
                    break
                received += part
        content = json.loads(received)
    except (OSError, ValueError) as error:
        raise NoAnswer(f"the probe of process {pid} does not answer: {error}") from None
    if "error" in content:
        raise NoAnswer(f"the probe of process {pid}: {content['error']}")
    answer: dict[str, Any] = content["answer"]
    return answer
