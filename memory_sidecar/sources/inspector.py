"""Node's inspector: opened by a signal in a running process, spoken to, and closed again.

The protocol is Chrome's DevTools protocol over a web socket.
"""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import websocket

from memory_sidecar.inside.source import NotInside

OPEN_SECONDS = 3.0
CALL_SECONDS = 5.0
Heard = Callable[[str, dict[str, Any]], None]


class Inspector:
    """One session with one process. `opened_by_us`: it was closed before, and will be again."""

    def __init__(self, address: str, opened_by_us: bool) -> None:
        """Connect. Raises NotInside."""
        self.opened_by_us = opened_by_us
        self._number = 0
        try:
            # Without an Origin header: the inspector refuses those of pages.
            self._socket = websocket.create_connection(
                address, timeout=CALL_SECONDS, suppress_origin=True, max_size=None
            )
        except (OSError, websocket.WebSocketException) as error:
            raise NotInside(f"the inspector at {address} refuses: {error}") from None

    def call(
        self,
        method: str,
        seconds: float = CALL_SECONDS,
        heard: Heard | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """One command; events that come before its answer go to `heard`. Raises NotInside."""
        self._number += 1
        try:
            self._socket.settimeout(seconds)
            self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
            while True:
                words = json.loads(self._socket.recv())
                if words.get("id") == self._number:
                    break
                if heard is not None and "method" in words:
                    heard(words["method"], words.get("params") or {})
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise NotInside(f"the inspector does not answer {method}: {error}") from None
        if "error" in words:
            raise NotInside(f"the inspector refuses {method}: {words['error'].get('message')}")
        result: dict[str, Any] = words["result"]
        return result

    def evaluate(self, script: str, seconds: float = CALL_SECONDS) -> Any:
        """The value of an expression in the process. Raises NotInside."""
        found = self.call(
            "Runtime.evaluate",
            seconds,
            expression=script,
            returnByValue=True,
            silent=True,
            includeCommandLineAPI=True,
        )
        if "exceptionDetails" in found:
            thrown = found["exceptionDetails"].get("exception", {}).get("description", "an error")
            raise NotInside(f"the process throws: {thrown.splitlines()[0]}")
        return found["result"].get("value")

    def close(self) -> None:
        """End the session."""
        self._socket.close()


def open_inspector(pid: int, proc: Path = Path("/proc")) -> Inspector:
    """Of a running Node process. Raises NotInside where it has none and opens none."""
    before = _ports(pid)
    for port in before:
        address = _address(port)
        if address is not None:
            return Inspector(address, opened_by_us=False)
    if not awaits_signal(pid, proc):
        raise NotInside(
            f"process {pid} does not listen to SIGUSR1 (started with --disable-sigusr1?): start it"
            " with --inspect=127.0.0.1:0"
        )
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + OPEN_SECONDS
    while time.monotonic() < deadline:
        for port in _ports(pid) - before:
            address = _address(port)
            if address is not None:
                return Inspector(address, opened_by_us=True)
        time.sleep(0.01)
    raise NotInside(
        f"process {pid} opens no inspector: is its port (9229) taken? Start it with"
        " NODE_OPTIONS=--inspect-port=0"
    )


def awaits_signal(pid: int, proc: Path = Path("/proc")) -> bool:
    """Whether the process has a handler for SIGUSR1; without one the signal would end it."""
    try:
        lines = (proc / str(pid) / "status").read_text().splitlines()
    except OSError:
        return False
    mask = next((line.split()[1] for line in lines if line.startswith("SigCgt:")), "0")
    return bool(int(mask, 16) >> (signal.SIGUSR1 - 1) & 1)


def _ports(pid: int) -> set[int]:
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}


def _address(port: int) -> str | None:
    """Where the session is, if an inspector listens on that port of this machine."""
    # A proxy from the environment has no business here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=1.0) as answer:
            content = json.load(answer)
        found = content[0]["webSocketDebuggerUrl"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, str) and found.startswith("ws://") else None
