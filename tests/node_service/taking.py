"""The least client of the V8 inspector that a test needs: take heap snapshots."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import websocket

from tests.node_service.service import NodeService

SECONDS_TO_OPEN = 10.0
SECONDS_TO_ANSWER = 60.0


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. V8 numbers all objects anew when one ends, so snapshots that are to be
    compared are taken in one session, which stays open while the load runs."""

    wire: websocket.WebSocket

    def take(self, path: Path) -> Path:
        """Write a .heapsnapshot; V8 collects garbage before. Raises OSError."""
        request = {"method": "HeapProfiler.takeHeapSnapshot", "params": {"reportProgress": False}}
        self.wire.send(json.dumps({"id": 1, **request}))
        with path.open("w", encoding="utf-8") as file:
            while "id" not in (message := self._receive()):
                if message["method"] == "HeapProfiler.addHeapSnapshotChunk":
                    file.write(message["params"]["chunk"])
        assert "error" not in message, message
        return path

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.wire.recv())
        return message


@contextmanager
def inspector_session(service: NodeService) -> Iterator[Session]:
    """Open the inspector and one session. Raises TimeoutError where it does not open."""
    address = _inspector(service)
    with closing(websocket.create_connection(address, timeout=SECONDS_TO_ANSWER)) as wire:
        yield Session(wire)


def _inspector(service: NodeService) -> str:
    process = psutil.Process(service.pid)
    process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + SECONDS_TO_OPEN
    while time.monotonic() < deadline:
        ports = {one.laddr.port for one in process.net_connections() if one.status == "LISTEN"}
        for port in ports - {int(service.url.rpartition(":")[2])}:
            with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                address: str = json.load(answer)[0]["webSocketDebuggerUrl"]
                return address
        time.sleep(0.02)
    raise TimeoutError(f"the inspector of process {service.pid} did not open")
