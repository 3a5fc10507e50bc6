"""The background job of the demo: what it keeps is known, and its log tells it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.answer_cache import AnswerCache
from demo.nightly import KEPT_BYTES
from reports.jobs.findings import JobFinding
from reports.jobs.judging import judge_jobs
from reports.jobs.log_lines import job_log
from tests.demo.service import environment

ROOT = Path(__file__).parents[2]
RUNS = 20
PROGRAM = f"""
import logging, sys
from demo.nightly import nightly_job

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
logged = "memory_sidecar.probe.jobs:log_job_memory"
job = nightly_job(closes=sys.argv[1] == "closed", decorator=logged)
for _ in range({RUNS}):
    job()
"""


def job_of(session: str) -> JobFinding:
    """What the report of the job's log says, after a process of its own ran it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, session],
        cwd=ROOT,
        env=environment({"MALLOC_ARENA_MAX": "1", "PATH": os.environ["PATH"]}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (job,) = judge_jobs(job_log(done.stderr.splitlines()), "made").jobs
    return job


def test_a_session_that_is_left_open_is_told_by_the_jobs_name_and_its_bytes() -> None:
    job = job_of("open")
    assert (job.job_id, job.runs, job.verdict.word) == ("nightly_report", RUNS, "leak")
    assert job.verdict.growth_bytes_per_run == pytest.approx(KEPT_BYTES, rel=0.15)


def test_a_session_that_is_closed_leaves_nothing() -> None:
    verdict = job_of("closed").verdict
    assert verdict.word == "stable"
    assert verdict.upper_bytes_per_run is not None
    assert verdict.upper_bytes_per_run < KEPT_BYTES / 100


def test_a_cache_with_a_bound_stays_below_it_and_one_without_keeps_all() -> None:
    bounded, unbounded = AnswerCache(1024, 4096), AnswerCache(1024, None)
    for key in range(10):
        bounded.remember(key)
        unbounded.remember(key)
    assert (bounded.size_bytes, bounded.evicted) == (4096, 6)
    assert (unbounded.size_bytes, unbounded.evicted) == (10 * 1024, 0)
