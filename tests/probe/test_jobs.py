"""Jobs that log their own memory, for real: in this process, in another, by a real scheduler."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memory_sidecar.probe.heap import allocated_in, used_bytes
from memory_sidecar.probe.job_line import JobRecord
from memory_sidecar.probe.job_measuring import LOGGER
from memory_sidecar.probe.jobs import apscheduler_listener, log_job_memory
from memory_sidecar.probe.usage import current_usage, parse_meminfo, parse_statm, proc_usage

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
LINE = re.compile(
    r"job_completed job_id=\S+ memory_mb=\d+\.\d+ memory_percent=\d+\.\d+ delta_mb=[+-]\d+\.\d+"
    r"( used_delta_mb=[+-]\d+\.\d+)?( peak_mb=\d+\.\d+)? seconds=\d+\.\d+"
    r" status=(ok|failed) pid=\d+"
)
SERVICE = """
import logging, sys
from memory_sidecar.probe.jobs import log_job_memory
logging.basicConfig(
    filename=sys.argv[1],
    level=logging.INFO,
    format="%(asctime)s %(levelname)s %(name)s: %(message)s",
)
kept = []

@log_job_memory("leaky-import")
def leaky():
    kept.append(MADE)

@log_job_memory("clean report")
def clean():
    return sum(MADE)

for _ in range(40):
    leaky()
    clean()
"""


class Kept(logging.Handler):
    """The records of a logger."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.records]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, level = Kept(), LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    yield handler
    LOGGER.setLevel(level)
    LOGGER.removeHandler(handler)


@log_job_memory
def bare_job(factor: int) -> int:
    """Doubles."""
    return 2 * factor


@log_job_memory("fails")
def failing_job() -> None:
    raise LookupError("no such report")


@log_job_memory("later")
async def asynchronous_job() -> str:
    await asyncio.sleep(0)
    return "done"


def test_a_bare_decorator_names_the_job_after_its_function(kept: Kept) -> None:
    assert bare_job(21) == 42
    assert (bare_job.__name__, bare_job.__doc__) == ("bare_job", "Doubles.")
    (line,) = kept.lines
    assert LINE.fullmatch(line)
    assert "job_id=bare_job " in line


def test_a_job_that_fails_says_so_and_its_exception_passes(kept: Kept) -> None:
    with pytest.raises(LookupError, match="no such report"):
        failing_job()
    assert "job_id=fails " in kept.lines[0]
    assert "status=failed" in kept.lines[0]


def test_an_async_job_is_measured_until_it_ends(kept: Kept) -> None:
    assert asyncio.iscoroutinefunction(asynchronous_job)
    assert asyncio.run(asynchronous_job()) == "done"
    assert [LINE.fullmatch(line) is not None for line in kept.lines] == [True]


def test_what_a_block_keeps_is_its_delta(kept: Kept) -> None:
    with log_job_memory("block"):
        held = b"x" * (32 * MIB)
    assert len(held) == 32 * MIB
    figures = kept.records[0].job
    assert figures["delta_mb"] == pytest.approx(32, abs=2)
    assert figures["peak_mb"] >= figures["memory_mb"] - 0.01
    assert figures["job_id"] == "block"


def test_blocks_inside_each_other_each_have_their_line(kept: Kept) -> None:
    with log_job_memory("outer"), log_job_memory("inner"):
        pass
    assert [record.job["job_id"] for record in kept.records] == ["inner", "outer"]


def test_another_logger_takes_the_lines(kept: Kept) -> None:
    own, handler = logging.getLogger("tests.own-jobs"), Kept()
    own.addHandler(handler)
    own.setLevel(logging.INFO)
    with log_job_memory("elsewhere", logger=own):
        pass
    assert (len(handler.lines), kept.lines) == (1, [])


def test_a_job_runs_where_memory_cannot_be_read(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("no /proc here")

    monkeypatch.setattr("memory_sidecar.probe.job_measuring.current_usage", refuse)
    with log_job_memory("blind"):
        pass
    assert "memory_mb" not in kept.lines[0]
    assert "status=ok" in kept.lines[0]


@pytest.mark.parametrize(
    ("job_id", "written"),
    [
        ("nightly-report", "nightly-report"),
        ("nightly report", '"nightly report"'),
        ("", '""'),
        ('say "x"', '"say \\"x\\""'),
        ("two\nlines", '"two\\nlines"'),
        ("a=b", '"a=b"'),
        ("täglich", "täglich"),
        ("a\u2028b", '"a\\u2028b"'),
    ],
)
def test_a_job_id_is_quoted_where_logfmt_needs_it(job_id: str, written: str) -> None:
    line = JobRecord(job_id, 7).line()
    assert line == f"job_completed job_id={written} status=ok pid=7"


def test_the_line_has_its_figures_in_mib() -> None:
    record = JobRecord("x", 7, 128 * MIB, 1.5249, MIB // 2, MIB // 4, 130 * MIB, 2.5)
    assert record.line() == (
        "job_completed job_id=x memory_mb=128.000 memory_percent=1.52 delta_mb=+0.500"
        " used_delta_mb=+0.250 peak_mb=130.000 seconds=2.500 status=ok pid=7"
    )
    assert record.figures()["memory_percent"] == 1.52
    assert "peak_mb" not in replace(record, peak_bytes=None).figures()


def test_what_is_kept_is_in_use_and_what_is_given_back_is_not() -> None:
    gc.collect()
    before = used_bytes()
    if before is None:
        pytest.skip("an allocator that cannot be asked")
    small, large = [[float(n)] for n in range(20_000)], b"x" * (8 * MIB)
    least = 20_000 * (sys.getsizeof([0.0]) + sys.getsizeof(0.0)) + len(large)
    assert (used_bytes() or 0) - before == pytest.approx(least, rel=0.1)
    del small, large
    assert (used_bytes() or 0) - before == pytest.approx(0, abs=MIB / 4)


def test_the_allocators_own_words_are_read_in_bytes() -> None:
    assert allocated_in(b"x = 1\n# bytes in allocated blocks        =      1,234,567\n") == 1234567
    with pytest.raises(ValueError, match="no figures"):
        allocated_in(b"mimalloc: heap statistics\n")


def test_usage_by_proc_is_that_of_psutil() -> None:
    by_psutil, by_proc = current_usage(), proc_usage(Path("/proc"))
    assert by_proc.rss_bytes == pytest.approx(by_psutil.rss_bytes, rel=0.05)
    assert by_proc.total_bytes == by_psutil.total_bytes
    assert by_proc.percent == pytest.approx(by_psutil.percent, rel=0.05)


def test_the_files_of_proc_are_read_in_bytes() -> None:
    assert parse_statm("300 200 50 1 0 90 0\n", 4096) == (300 * 4096, 200 * 4096)
    assert parse_meminfo("MemTotal:  16 kB\nHugePages_Total: 3\n") == {"MemTotal": 16 * 1024}


@pytest.mark.parametrize("kept", ['b"x" * 1024 * 1024', "[float(n) for n in range(32_768)]"])
def test_the_leaking_job_is_named_and_the_other_is_not(tmp_path: Path, kept: str) -> None:
    log, service = tmp_path / "worker.log", SERVICE.replace("MADE", kept)
    subprocess.run([sys.executable, "-c", service, str(log)], cwd=ROOT, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "reports", "jobs", str(log), "--json", "--fail-if-leak"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    found = {job["job_id"]: job for job in json.loads(done.stdout)["jobs"]}
    assert found["leaky-import"]["verdict"]["word"] == "leak"
    grown = found["leaky-import"]["verdict"]["growth_bytes_per_run"]
    # A list of floats over-allocates: 24 bytes a float, 8 to 9 a place in the list.
    true = MIB if kept.startswith("b") else 32_768 * (24 + 8.5)
    assert grown == pytest.approx(true, rel=0.25 if kept.startswith("[") else 0.15)
    assert found["clean report"]["verdict"]["word"] == "stable"
    assert found["clean report"]["runs"] == 40


def test_a_real_scheduler_logs_its_jobs(kept: Kept) -> None:
    pytest.importorskip("apscheduler")
    from apscheduler import events
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler()
    apscheduler_listener(scheduler)
    submitted, ended, held = threading.Event(), threading.Event(), []
    scheduler.add_listener(lambda _event: submitted.set(), events.EVENT_JOB_SUBMITTED)
    over = events.EVENT_JOB_EXECUTED | events.EVENT_JOB_ERROR
    left = ["takes", "fails", "quick"]

    def one_over(_event: Any) -> None:
        left.pop()
        if not left:
            ended.set()

    def takes() -> None:
        # The scheduler tells of the start only after the start.
        submitted.wait(10)
        held.append(b"x" * (16 * MIB))

    def fails() -> None:
        raise LookupError("no such report")

    scheduler.add_listener(one_over, over)
    scheduler.add_job(takes, id="takes 16")
    scheduler.add_job(fails, id="fails")
    scheduler.add_job(lambda: None, id="quick")
    scheduler.start()
    assert ended.wait(20)
    scheduler.shutdown()
    found = {record.job["job_id"]: record.job for record in kept.records}
    assert found["takes 16"]["delta_mb"] == pytest.approx(16, abs=3)
    assert (found["fails"]["status"], found["quick"]["status"]) == ("failed", "ok")
    assert all("delta_mb" in job for job in found.values())
