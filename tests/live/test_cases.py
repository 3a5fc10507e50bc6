"""A case from its command to its page, with very short runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.nightly import KEPT_BYTES
from reports.cases.pages import CasePages, read_record
from tests.demo.service import environment
from tests.live.suite import ROOT

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
SHORT = ("--baseline", "8", "--load", "8", "--cooldown", "4", "--users", "2")


def cases(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.cases", *words],
        cwd=ROOT, env={**environment({}), **env}, capture_output=True, text=True, timeout=200,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_job_that_leaves_its_session_open_is_named_and_its_bytes_told(tmp_path: Path) -> None:
    pages = CasePages(tmp_path / "pages")
    done = cases(
        "closed-session", *SHORT, "--runs-dir", str(tmp_path / "runs"), "--output",
        str(pages.folder),
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "closed-session, before: DEMO_JOB_SECONDS=1.5 DEMO_JOB_SESSION=open" in done.stderr
    assert len(list((tmp_path / "runs").glob("*/report.json"))) == 2
    record = read_record(pages.record("closed-session"))
    before, after = record.before.job, record.after.job
    assert before is not None
    assert after is not None
    assert before.word == "leak"
    assert before.growth_bytes_per_run == pytest.approx(KEPT_BYTES, rel=0.15)
    assert after.word != "leak"
    assert "1 of 1 job leaks: nightly\\_report" in pages.page("closed-session").read_text()


def test_bad_input_is_one_line() -> None:
    unknown = cases("nope")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("error: 'nope': no such case; there are bounded-cache,")
    foreign = cases("strategies", DEMO_LEAK_BYTES="1", PATH=os.environ["PATH"])
    assert foreign.returncode == 2
    assert foreign.stderr.startswith("error: DEMO_LEAK_BYTES is set in the environment: unset it")
