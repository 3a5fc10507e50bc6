"""psutil, for macOS and Windows (and for Linux as a second opinion): coarser, and says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psutil

from memory_sidecar.reading import Details, Exit, HostMemory, Identity, Mark, Sizes


class Portable:
    """Reads a tree of processes through psutil."""

    name = "portable"
    cannot_see: tuple[str, ...] = (
        "spikes between two samples, except on Windows: no high-water mark can be set back",
        "shared pages are counted once per process where psutil knows no PSS (macOS, Windows)",
        "memory that no process maps: file cache and shared memory files",
        "how a process ended",
    )

    def __init__(self) -> None:
        self._known: dict[Identity, psutil.Process] = {}
        self.denied: set[Identity] = set()

    def identity(self, pid: int) -> Identity | None:
        """The living process with that pid."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return self._remember(process)
        except psutil.Error:
            return None

    def _remember(self, process: psutil.Process) -> Identity:
        identity = Identity(process.pid, process.create_time())
        self._known.setdefault(identity, process)
        return identity

    def tree(self, root: int) -> list[Identity]:
        """The root and all below it."""
        first = self.identity(root)
        if first is None:
            return []
        found = [first]
        try:
            for child in self._known[first].children(recursive=True):
                known = self.identity(child.pid)
                if known is not None:
                    found.append(known)
        except psutil.Error:
            return found
        return found

    def rss(self, process: Identity) -> int | None:
        """Resident size, bytes."""
        info = self._ask(process, "memory_info")
        return int(info.rss) if info and info.rss else None

    def take_mark(self, process: Identity) -> Mark | None:
        """Windows keeps a peak since the start of the process; elsewhere there is none."""
        info = self._ask(process, "memory_info")
        peak = getattr(info, "peak_wset", None)
        return Mark(int(peak), since_start=True) if peak else None

    def sizes(self, process: Identity) -> Sizes | None:
        """USS everywhere; PSS and swap on Linux only."""
        try:
            info: Any = self._process(process).memory_full_info()
        except psutil.AccessDenied:
            self.denied.add(process)
            return None
        except psutil.Error:
            return None
        pss = getattr(info, "pss", None)
        if pss is None:
            return None
        return Sizes(int(info.rss), int(pss), int(info.uss), int(info.swap))

    def details(self, process: Identity) -> Details | None:
        """Name, threads, descriptors or handles, connections."""
        name = self._ask(process, "name")
        if name is None:
            return None
        fds = self._ask(process, "num_fds" if hasattr(psutil.Process, "num_fds") else "num_handles")
        found = self._ask(process, "net_connections", kind="tcp")
        connections = (
            None
            if found is None
            else sum(connection.status == psutil.CONN_ESTABLISHED for connection in found)
        )
        return Details(str(name), self._ask(process, "num_threads"), fds, connections)

    def host(self) -> HostMemory | None:
        """The machine's memory."""
        return HostMemory(psutil.virtual_memory().available, psutil.swap_memory().used)

    def somebody_came(self) -> bool:
        """Not known without a look."""
        return True

    def somebody_left(self) -> bool:
        """Not known between two looks at the tree."""
        return False

    def exit_of(self, process: Identity) -> Exit | None:  # noqa: ARG002 - the source's interface
        """Not known: the exit status goes to the parent."""
        return None

    def _process(self, process: Identity) -> psutil.Process:
        known = self._known.get(process)
        if known is None or not known.is_running():
            raise psutil.NoSuchProcess(process.pid)
        return known

    def _ask(self, process: Identity, what: str, **more: str) -> Any:
        try:
            return getattr(self._process(process), what)(**more)
        except psutil.Error:
            return None

    def keep(self, processes: Iterable[Identity]) -> None:
        """Forget all others."""
        wanted = set(processes)
        self._known = {known: p for known, p in self._known.items() if known in wanted}
        self.denied &= wanted
