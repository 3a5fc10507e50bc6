"""Node processes through their inspector: no change in the application is needed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from memory_sidecar.inside.source import GivenBack, NotInside
from memory_sidecar.sources.inspector import Inspector, awaits_signal, open_inspector
from rundir import NODE_COLUMNS

SCRIPT = Path(__file__).with_name("node.js")
HOOK = "globalThis[Symbol.for('plimsoll.inside')]"
SNAPSHOT_SECONDS = 120.0
COLLECT_SECONDS = 30.0
SETTLE_SECONDS = 1.0
"""V8 gives pages back in the background."""


class Node:
    """Keeps one inspector session per process."""

    name = "node"
    columns = NODE_COLUMNS

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._sessions: dict[int, Inspector] = {}

    def may_be_asked(self, pid: int) -> bool:
        """Whether its program is Node, and awaits the signal."""
        try:
            program = (self._proc / str(pid) / "exe").readlink().name
        except OSError:
            return False
        return program.startswith("node") and awaits_signal(pid, self._proc)

    def attach(self, pid: int) -> str:
        """Open the inspector and start to count."""
        session = open_inspector(pid, self._proc)
        self._sessions[pid] = session
        session.evaluate(SCRIPT.read_text(encoding="utf-8"))
        version = session.evaluate("process.version")
        return f"Node {version}{'' if session.opened_by_us else ', its inspector was open'}"

    def read(self, pid: int) -> Mapping[str, float]:
        """Heap, collections, delay."""
        found: dict[str, float] = self._session(pid).evaluate(f"{HOOK}.read()", 2.0)
        return found

    def look(self, pid: int) -> dict[str, Any]:
        """What the heap holds after a collection, by space."""
        session = self._session(pid)
        _collect(session)
        spaces = session.evaluate(f"{HOOK}.spaces()")
        heap = dict(self.read(pid))
        return {"types": [{**space, "count": None} for space in spaces], "heap": heap}

    def snapshot(self, pid: int, path: Path) -> bool:
        """Write what V8 streams; it collects first, and stops the process meanwhile."""
        draft = path.with_name(path.name + ".part")
        session = self._session(pid)
        try:
            with draft.open("w", encoding="utf-8") as stream:

                def heard(method: str, params: dict[str, Any]) -> None:
                    if method == "HeapProfiler.addHeapSnapshotChunk":
                        stream.write(params["chunk"])

                session.call(
                    "HeapProfiler.takeHeapSnapshot", SNAPSHOT_SECONDS, heard, reportProgress=False
                )
            draft.replace(path)
        except OSError as error:
            raise NotInside(f"{path.name} cannot be written: {error.strerror}") from None
        finally:
            draft.unlink(missing_ok=True)
        return True

    def give_back(self, pids: Sequence[int], measure: Callable[[], int]) -> GivenBack:
        """Garbage is what a collection takes from the target; slack is V8's own free pages.

        V8 cannot be asked to give them back, it says how many there are.
        """
        before = measure()
        for pid in pids:
            _collect(self._session(pid))
        time.sleep(SETTLE_SECONDS)
        after = measure()
        readings = [self.read(pid) for pid in pids]
        slack = sum(one["heap_total"] - one["heap_used"] for one in readings)
        return GivenBack(before, max(0, before - after), max(0, int(slack)))

    def detach(self, pid: int) -> None:
        """Stop counting, and close the inspector again where it was closed before."""
        session = self._sessions.pop(pid, None)
        if session is None:
            return
        with contextlib.suppress(NotInside):
            session.evaluate(f"{HOOK}.stop({str(session.opened_by_us).lower()})")
        session.close()

    def _session(self, pid: int) -> Inspector:
        if pid not in self._sessions:
            raise NotInside(f"process {pid} was not attached to")
        return self._sessions[pid]


def _collect(session: Inspector) -> None:
    """Twice: what the first one finalises, the second one frees."""
    for _ in range(2):
        session.call("HeapProfiler.collectGarbage", COLLECT_SECONDS)
