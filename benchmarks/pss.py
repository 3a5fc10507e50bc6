"""The sidecar's PSS total against the kernel's own account of a preloaded gunicorn."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.length import Length
from benchmarks.own_group import NoGroup, OwnGroup, own_group
from benchmarks.preloaded_app import SHARED_BYTES
from benchmarks.results import Outcome, Promise
from benchmarks.watchers import ROOT, ours, watching

WORKERS = 4
WATCHED_SECONDS = 5.0
NEAR = 0.02
GUNICORN = (sys.executable, "-m", "gunicorn")
TITLE = f"gunicorn --preload, {WORKERS} workers that share {SHARED_BYTES >> 20} MiB, cgroup v1"


@dataclass(frozen=True, slots=True)
class Account:
    """One moment, told by the sidecar, by the cgroup, and by smaps_rollup; bytes."""

    pss: int
    rss: int
    usage: int
    inactive_file: int
    anonymous: int
    shared: int
    mapped_file: int
    kernel: int
    proportional_file: int

    @property
    def working_set(self) -> int:
        """Usage less inactive file pages: what the kernel charges this group with."""
        return self.usage - self.inactive_file

    @property
    def held(self) -> int:
        """What the group's processes hold, whoever was charged for it.

        Anonymous and shared pages are charged to who fills them: here always to this group. File
        pages (interpreter, libraries) are charged to who read them first since boot, which may be
        any group; of these the processes' proportional share counts.
        """
        return self.anonymous + self.shared + self.proportional_file


def run(_length: Length) -> Outcome:
    """One moment of an idle server that has just started."""
    try:
        with own_group() as group:
            _read_files_beforehand()
            with _gunicorn(group) as master:
                account = _account(group, master)
    except NoGroup as reason:
        return Outcome(TITLE, promises=(Promise(f"PSS against the cgroup: {reason}", None),))
    return _outcome(account)


def _read_files_beforehand() -> None:
    """Once outside the group, so that what the interpreter reads is not charged to it."""
    words = [*GUNICORN, "--check-config", "--preload", "benchmarks.preloaded_app:app"]
    subprocess.run(words, cwd=ROOT, check=True, timeout=30)


@contextmanager
def _gunicorn(group: OwnGroup) -> Iterator[int]:
    words = ["--preload", "--workers", str(WORKERS), "--bind", "127.0.0.1:0"]
    words += ["--no-control-socket", "--log-level", "error", "benchmarks.preloaded_app:app"]
    server = subprocess.Popen(group.command([*GUNICORN, *words]), cwd=ROOT)
    try:
        ends = time.monotonic() + 15
        while len(group.members()) < 1 + WORKERS:
            if time.monotonic() > ends or server.poll() is not None:
                raise NoGroup("gunicorn did not start all its workers in the group")
            time.sleep(0.05)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def _account(group: OwnGroup, master: int) -> Account:
    with tempfile.TemporaryDirectory() as name:
        with watching((ours(0.1),), master, Path(name)) as at_work:
            time.sleep(WATCHED_SECONDS)
            counters = group.counters()
            usage, kernel = (
                group.size("memory.usage_in_bytes"),
                group.size("memory.kmem.usage_in_bytes"),
            )
            files = sum(_proportional_file(pid) for pid in group.members())
        row = _last_row(at_work[0].folder / "run" / "memory_samples.csv")
    return Account(
        pss=int(row["pss"]),
        rss=int(row["rss"]),
        usage=usage,
        inactive_file=counters["total_inactive_file"],
        anonymous=counters["total_rss"],
        shared=counters.get("total_shmem", 0),
        mapped_file=counters["total_mapped_file"],
        kernel=kernel,
        proportional_file=files,
    )


def _proportional_file(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_File:"):
            return int(line.split()[1]) * 1024
    return 0


def _last_row(path: Path) -> dict[str, str]:
    with path.open(newline="") as table:
        return list(csv.DictReader(table))[-1]


def _outcome(account: Account) -> Outcome:
    ratio = account.pss / account.working_set
    text = (
        f"PSS over the cgroup's usage less inactive file pages: {_mib(account.pss)} / "
        f"{_mib(account.working_set)} MiB = {ratio:.3f} (promised: within {NEAR:.0%})"
    )
    truths = {
        "cgroup: usage - inactive file": account.working_set,
        "cgroup: anonymous + shmem; file pages that are held, whoever paid": account.held,
        "sum of RSS": account.rss,
    }
    return Outcome(
        title=TITLE,
        columns=("figure", "MiB", "our PSS over it"),
        rows=(
            ("our PSS total", _mib(account.pss), ""),
            *((name, _mib(size), f"{account.pss / size:.3f}") for name, size in truths.items()),
        ),
        promises=(Promise(text, abs(ratio - 1) <= NEAR),),
        notes=(
            f"The sum of RSS is {account.rss / account.working_set:.1f} times the cgroup's figure.",
            f"The first two differ by what only one of them can know: {_mib(account.kernel)} MiB "
            "of kernel memory in no process, and file pages, which are charged to who read them "
            f"first: {_mib(account.proportional_file)} MiB held, {_mib(account.mapped_file)} MiB "
            "of mapped files charged here.",
        ),
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f}"
