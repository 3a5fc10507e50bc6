"""Linux's /proc: open descriptors and pread for what is read at every tick."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from memory_sidecar.reading import Details, Exit, HostMemory, Identity, Mark, Sizes
from memory_sidecar.sources.exits import ExitWatch
from memory_sidecar.sources.high_water import HighWaterMarks
from memory_sidecar.sources.open_files import OpenFiles

KIB = 1024
PSS_FILE = b"\nPss_File:"
RSS_FILE = b"\nRssFile:"
_MEMINFO = (b"MemAvailable", b"SwapTotal", b"SwapFree")


@dataclass(frozen=True, slots=True)
class Stat:
    """State, parent and start (clock ticks after boot) from /proc/PID/stat."""

    state: str
    parent: int
    start_ticks: int


def parse_stat(text: str) -> Stat:
    """Fields 3, 4 and 22; the name in brackets may itself hold blanks and brackets."""
    fields = text[text.rindex(")") + 2 :].split()
    return Stat(fields[0], int(fields[1]), int(fields[19]))


def parse_statm_rss(text: bytes, page_bytes: int) -> int:
    """Resident bytes from /proc/PID/statm."""
    return int(text.split(None, 2)[1]) * page_bytes


def parse_rollup(text: bytes) -> Sizes:
    """RSS, PSS, USS (private clean and dirty), swap and PSS of files from smaps_rollup, bytes."""
    private = _number_after(text, b"\nPrivate_Clean:") + _number_after(text, b"\nPrivate_Dirty:")
    swap = b"\nSwapPss:" if b"\nSwapPss:" in text else b"\nSwap:"
    return Sizes(
        rss=_number_after(text, b"\nRss:") * KIB,
        pss=_number_after(text, b"\nPss:") * KIB,
        uss=private * KIB,
        swap=_number_after(text, swap) * KIB,
        # The file is older (Linux 4.14) than this line of it.
        pss_file=_number_after(text, PSS_FILE) * KIB if PSS_FILE in text else None,
    )


def _number_after(text: bytes, key: bytes) -> int:
    """The number after a key; searching is cheaper than splitting twenty lines."""
    return int(text[text.index(key) + len(key) :].split(None, 1)[0])


def parse_newest_pid(text: bytes) -> int:
    """The process id given out last, from /proc/loadavg."""
    return int(text.rsplit(None, 1)[1])


def parse_name_and_threads(status: bytes) -> tuple[str, int | None]:
    """Name and number of threads from /proc/PID/status."""
    name = status.removeprefix(b"Name:").split(b"\n", 1)[0].strip().decode(errors="replace")
    return name, _number_after(status, b"\nThreads:") if b"\nThreads:" in status else None


def parse_rss_file(status: bytes) -> int | None:
    """Resident pages of files, bytes, from /proc/PID/status; None where they are not told."""
    return _number_after(status, RSS_FILE) * KIB if RSS_FILE in status else None


def parse_meminfo(text: bytes) -> HostMemory:
    """Available memory and swap in use from /proc/meminfo."""
    kib = {}
    for line in text.splitlines():
        key, _, rest = line.partition(b":")
        kib[key] = rest
    sizes = {name: int(kib[name].split()[0]) * KIB for name in _MEMINFO}
    return HostMemory(sizes[b"MemAvailable"], sizes[b"SwapTotal"] - sizes[b"SwapFree"])


def parse_boot_time(text: str) -> float:
    """UTC epoch seconds of the boot from /proc/stat."""
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("btime"))


class Procfs:
    """Reads a tree of processes below `proc`, which tests point at a folder of fixtures."""

    name = "procfs"
    cannot_see: tuple[str, ...] = (
        "memory that no process maps: page cache, tmpfs and /dev/shm files, kernel pages",
    )

    def __init__(self, proc: Path = Path("/proc"), exits: ExitWatch | None = None) -> None:
        """`exits` watches real processes, so a folder of fixtures goes without."""
        self._proc = proc
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")
        self._boot_time = parse_boot_time((proc / "stat").read_text())
        self._meminfo: int | None = None
        self._loadavg: int | None = None
        self._newest_pid: int | None = None
        self._statm: dict[Identity, int] = {}
        self._marks = HighWaterMarks(proc, self._is_same)
        self._exits = exits
        self._files = OpenFiles(proc)
        self.denied: set[Identity] = set()

    def identity(self, pid: int) -> Identity | None:
        """The living process with that pid; a zombie holds no memory and counts as gone."""
        try:
            stat = parse_stat((self._proc / str(pid) / "stat").read_text(errors="replace"))
        except (OSError, ValueError, IndexError):
            return None
        if stat.state in "ZX":
            return None
        return Identity(pid, self._boot_time + stat.start_ticks / self._ticks_per_second)

    def _is_same(self, process: Identity) -> bool:
        return self.identity(process.pid) == process

    def tree(self, root: int) -> list[Identity]:
        """The root and all below it, by the kernel's own lists of children."""
        first = self.identity(root)
        if first is None:
            return []
        family, pids = [first], [root]
        for pid in pids:
            for child in self._children(pid):
                known = self.identity(child)
                if known is not None:
                    family.append(known)
                    pids.append(child)
        return family

    def _children(self, pid: int) -> list[int]:
        found: list[int] = []
        try:
            for thread in (self._proc / str(pid) / "task").iterdir():
                found += map(int, (thread / "children").read_text().split())
        except OSError:
            # Died between listing and reading: its children are listed under their new parent.
            return found
        return found

    def rss(self, process: Identity) -> int | None:
        """From a descriptor that stays open: a reused pid answers ESRCH, not a foreign size."""
        try:
            descriptor = self._statm.get(process)
            if descriptor is None:
                descriptor = os.open(self._proc / str(process.pid) / "statm", os.O_RDONLY)
                self._statm[process] = descriptor
                if not self._is_same(process):
                    # Its pid was given away before the descriptor was open.
                    return None
            size = parse_statm_rss(os.pread(descriptor, 128, 0), self._page_bytes)
        except (OSError, IndexError, ValueError):
            return None
        # A zombie reads as zeros: it is gone, not small.
        return size or None

    def take_mark(self, process: Identity) -> Mark | None:
        """The highest resident size since the last take; see high_water."""
        return self._marks.take(process)

    def sizes(self, process: Identity) -> Sizes | None:
        """From smaps_rollup, which walks page tables under the target's mmap lock."""
        try:
            # Opened anew each time: an open one stays with the memory map of before an exec.
            descriptor = os.open(f"{self._proc}/{process.pid}/smaps_rollup", os.O_RDONLY)
        except PermissionError:
            self.denied.add(process)
            return None
        except OSError:
            return None
        try:
            return parse_rollup(os.read(descriptor, 4096))
        except PermissionError:
            self.denied.add(process)
            return None
        except (OSError, ValueError, IndexError):
            return None
        finally:
            os.close(descriptor)

    def details(self, process: Identity) -> Details | None:
        """From status, the list of descriptors, and the sockets among them."""
        try:
            status = (self._proc / str(process.pid) / "status").read_bytes()
            name, threads = parse_name_and_threads(status)
        except (OSError, ValueError):
            return None
        counts = self._files.count(process.pid)
        files = parse_rss_file(status)
        return Details(name, threads, counts.descriptors, counts.connections, files)

    def host(self) -> HostMemory | None:
        """From /proc/meminfo, through a descriptor that stays open."""
        try:
            if self._meminfo is None:
                self._meminfo = os.open(self._proc / "meminfo", os.O_RDONLY)
            return parse_meminfo(os.pread(self._meminfo, 8192, 0))
        except (OSError, KeyError, ValueError, IndexError):
            return None

    def somebody_came(self) -> bool:
        """Whether any process (or thread) was started on this machine since the last question."""
        try:
            if self._loadavg is None:
                self._loadavg = os.open(self._proc / "loadavg", os.O_RDONLY)
            newest = parse_newest_pid(os.pread(self._loadavg, 128, 0))
        except (OSError, ValueError, IndexError):
            return True
        before, self._newest_pid = self._newest_pid, newest
        return newest != before

    def somebody_left(self) -> bool:
        """Whether a process that is kept has ended."""
        return self._exits is not None and self._exits.somebody_left()

    def exit_of(self, process: Identity) -> Exit | None:
        """How a process that was kept has ended; None: not known."""
        return self._exits.exit_of(process) if self._exits else None

    def keep(self, processes: Iterable[Identity]) -> None:
        """Close the descriptors of all others."""
        wanted = set(processes)
        for process in [known for known in self._statm if known not in wanted]:
            os.close(self._statm.pop(process))
        self._marks.keep(wanted)
        if self._exits:
            self._exits.keep(wanted)
        self.denied &= wanted
