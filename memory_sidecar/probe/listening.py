"""The probe's own socket: /tmp/plimsoll-probe-UID/PID.sock, for the same user and root alone.

One thread waits for a question, one JSON object on a line, and answers likewise. Forked children
open a socket of their own. The modules behind the answers are imported when the first one comes.
"""

from __future__ import annotations

import _socket
import _thread
import atexit
import contextlib
import os
import stat
import struct
import sys
from time import time

SOCKETS = "/tmp/plimsoll-probe-{uid}"  # noqa: S108 - made by us, for us alone, and checked
MOST_BYTES = 1_000_000
SECONDS = 5.0
OLD_SECONDS = 3600.0
_PEER = struct.Struct("3i")
_state: dict[str, str | int | None] = {"path": None, "pid": None}


def start() -> str | None:
    """Listen; a second call changes nothing. None in production, or where it cannot be done."""
    from memory_sidecar.probe.environment import environment_name, is_production

    if _state["pid"] == os.getpid():
        path = _state["path"]
        return path if isinstance(path, str) else None
    first = _state["pid"] is None
    _state["pid"], _state["path"] = os.getpid(), None
    if is_production(environment_name()):
        return None
    try:
        folder = private_folder()
        _sweep(folder)
        path = f"{folder}/{os.getpid()}.sock"
        listener = _listen(path)
    except (OSError, AttributeError) as error:
        _complain(f"the probe cannot listen: {error}")
        return None
    _state["path"] = path
    _thread.start_new_thread(_serve, (listener, os.getpid()))
    if first:
        os.register_at_fork(after_in_child=_in_child)
        atexit.register(_remove)
    return path


def private_folder(uid: int | None = None) -> str:
    """The folder of this user's sockets, made where it is not there.

    Raises PermissionError where somebody else could open or replace what is in it.
    """
    uid = os.getuid() if uid is None else uid
    folder = SOCKETS.format(uid=uid)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise PermissionError(f"{folder}: not a folder that only user {uid} can open; remove it")
    return folder


def _sweep(folder: str) -> None:
    """Remove the sockets of processes that were killed; young ones may be of another namespace."""
    for name in os.listdir(folder):
        path, pid = f"{folder}/{name}", name.removesuffix(".sock")
        with contextlib.suppress(OSError):
            if not os.path.exists(f"/proc/{pid}") and time() - os.stat(path).st_mtime > OLD_SECONDS:
                os.unlink(path)


def _listen(path: str) -> _socket.socket:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(8)
    return listener


def _in_child() -> None:
    # The listener came along with the fork, its thread did not; the path is still the parent's.
    with contextlib.suppress(Exception):
        start()


def _serve(listener: _socket.socket, pid: int) -> None:
    while os.getpid() == pid:
        try:
            descriptor, _ = listener._accept()  # type: ignore[attr-defined]
        except OSError:
            return
        # The plain socket on purpose: gevent would make the other kind part of its own loop.
        connection = _socket.socket(fileno=descriptor)
        with contextlib.suppress(Exception):
            connection.settimeout(SECONDS)
            _answer(connection)
        connection.close()


def _answer(connection: _socket.socket) -> None:
    if not _may_ask(connection):
        return
    import json

    from memory_sidecar.probe.answers import QUESTIONS

    line = b""
    while not line.endswith(b"\n") and len(line) < MOST_BYTES:
        part = connection.recv(65536)
        if not part:
            return
        line += part
    content: dict[str, object]
    try:
        words = json.loads(line)
        content = {"answer": QUESTIONS[words["ask"]](words)}
    except Exception as error:
        content = {"error": f"{type(error).__name__}: {error}"}
    # Silent while the answer is found, which may take its time.
    connection.sendall(json.dumps(content).encode() + b"\n")


def _may_ask(connection: _socket.socket) -> bool:
    """The folder keeps others out; the kernel's word on who is there is a second lock."""
    if not hasattr(_socket, "SO_PEERCRED"):
        return True
    raw = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(raw)
    return uid in (0, os.getuid())


def _remove() -> None:
    path = _state["path"]
    if isinstance(path, str) and _state["pid"] == os.getpid():
        with contextlib.suppress(OSError):
            os.unlink(path)


def _complain(text: str) -> None:
    sys.stderr.write(f"plimsoll: {text}\n")
