"""Logs of background jobs: lines in many forms, made jobs, and the command."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.__main__ import main
from reports.jobs.findings import CACHE_FILL, CANNOT_TELL, LEAK, STABLE, JobFinding, JobFindings
from reports.jobs.job_run import JobRun
from reports.jobs.judging import judge_jobs
from reports.jobs.line_times import time_of_value
from reports.jobs.log_lines import JobLog, job_log, run_of_line
from reports.jobs.overlap import overlapping
from reports.render.jobs import jobs_html, jobs_json, jobs_text
from reports.verdicts.trace import Array

MIB = 1024 * 1024
LINE = "job_completed job_id=nightly memory_mb=123.5 memory_percent=1.52 delta_mb=+0.5"
RUN = {"job_id": "nightly", "memory_mb": 123.5, "memory_percent": 1.52, "delta_mb": 0.5}
AT = 1795197840.0  # 2026-11-20 18:04:00 UTC


@pytest.mark.parametrize(
    ("line", "ended_at"),
    [
        (LINE, None),
        (f"2026-11-20 18:04:00,000 INFO plimsoll.jobs: {LINE}", AT),
        (f"2026-11-20T18:04:00Z {LINE}", AT),
        (f"2026-11-20T19:04:00.000+01:00 worker[7]: {LINE}", AT),
        (f"2026-11-20 19:04:00 +0100 {LINE}", AT),
        (f"[2026-11-20 18:04:00 +0000] [17] [INFO] {LINE}", AT),
        (f"INFO:plimsoll.jobs:{LINE}", None),
        (f"Nov 20 18:04:00 host app[17]: {LINE}", None),
        (f"\x1b[32mINFO\x1b[0m {LINE}\x1b[0m", None),
        (f"\ufeff2026-11-20 18:04:00 {LINE}\r\n", AT),
        (f'time="2026-11-20T18:04:00Z" level=info msg="{LINE}"', AT),
        (f"ts=1795197840 level=info event={LINE}", AT),
        (f"2026-11-20 18:04:00 [info] {LINE} status=ok", AT),
        (json.dumps({"message": LINE, "timestamp": "2026-11-20T18:04:00Z"}), AT),
        (json.dumps({"msg": LINE, "time": AT}), AT),
        (json.dumps({"event": "job_completed", "ts": AT * 1000, **RUN}), AT),
        (json.dumps({"message": "job_completed", "asctime": "2026-11-20 18:04:00", **RUN}), AT),
        (json.dumps({"message": "job_completed", "job": RUN}), None),
        (json.dumps({"event": "job_completed", "job": "x", **RUN}), None),
        ("2026-11-20T18:04:00Z stdout F " + json.dumps({"message": LINE}), AT),
        (json.dumps({"log": f"{LINE}\n", "time": "2026-11-20T18:04:00.000000000Z"}), AT),
        (json.dumps({"log": json.dumps({"msg": LINE, "time": AT}), "time": AT + 5}), AT),
    ],
)
def test_a_run_is_read_behind_any_prefix(line: str, ended_at: float | None) -> None:
    run = run_of_line(line)
    assert run is not None, line
    assert (run.job_id, run.memory_bytes, run.delta_bytes) == ("nightly", 123.5 * MIB, MIB / 2)
    assert (run.memory_percent, run.ended_at) == (1.52, ended_at)


@pytest.mark.parametrize(
    ("written", "job_id"),
    [
        ('"nightly report"', "nightly report"),
        (r'"say \"x\""', 'say "x"'),
        (r'"two\nlines"', "two\nlines"),
        ("'single quotes'", "single quotes"),
        ('""', ""),
        ('"job_completed memory_mb=1"', "job_completed memory_mb=1"),
        ("app.jobs:Nightly.run", "app.jobs:Nightly.run"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_quoted_values_are_read_back(written: str, job_id: str) -> None:
    run = run_of_line(f"INFO job_completed job_id={written} memory_mb=10.0 seconds=2 pid=7")
    assert run is not None
    assert (run.job_id, run.memory_bytes, run.seconds, run.pid) == (job_id, 10 * MIB, 2.0, 7)


@pytest.mark.parametrize(
    "line",
    [
        "job_completed",
        "job_completed job_id=x",
        "job_completed job_id=x memory_mb=much",
        "job_completed job_id=x memory_mb=nan",
        "job_completed job_id=x memory_mb=-3",
        "job_completed memory_mb=3",
        '{"message": "job_completed", "job_id": "x"}',
        '{"message": "job_completed job_id=x memory_mb=',
        '{"job_completed": {"job_id": null, "memory_mb": 3}}',
        "{" * 5000 + "job_completed" + "}" * 5000,
        "[" * 100 + '{"message":' * 30_000 + "job_completed}",
    ],
)
def test_a_line_that_tells_no_run_is_counted(line: str) -> None:
    found = job_log([LINE, line, "all is well"])
    assert (len(found.runs), found.unreadable) == (1, (2,))


def test_a_time_of_an_epoch_may_count_smaller_units() -> None:
    for per_second in (1, 1e3, 1e6, 1e9):
        assert time_of_value(AT * per_second) == pytest.approx(AT)
    assert time_of_value("later") is time_of_value(True) is time_of_value(None) is None


def runs_of(job_id: str, deltas: Sequence[float] | Array, **more: Any) -> list[JobRun]:
    """Runs of one job with those deltas (MiB), in a process of 100 MiB."""
    levels = accumulate(deltas, initial=100.0)
    next(levels)
    return [
        JobRun(job_id, level * MIB, delta * MIB, delta * MIB, 3, **more)
        for level, delta in zip(levels, deltas, strict=True)
    ]


def judged(*runs: list[JobRun]) -> JobFindings:
    return judge_jobs(JobLog(tuple(run for of_job in runs for run in of_job)), "made.log")


def job_of(findings: JobFindings, job_id: str) -> JobFinding:
    return next(job for job in findings.jobs if job.job_id == job_id)


@pytest.mark.parametrize("leak_mib", [0.2, 1.0, 5.0])
def test_a_leak_of_known_size_is_found_within_15_percent(leak_mib: float) -> None:
    noise = np.random.default_rng(1).normal(0, leak_mib / 5, 40)
    found = judged(runs_of("leaky", leak_mib + noise), runs_of("calm", 0.01 * noise))
    verdict = job_of(found, "leaky").verdict
    assert (verdict.word, job_of(found, "calm").verdict.word) == (LEAK, STABLE)
    assert verdict.growth_bytes_per_run == pytest.approx(leak_mib * MIB, rel=0.15)
    low, high = verdict.growth_ci95 or (0, 0)
    assert low <= leak_mib * MIB <= high
    assert found.sentence.startswith("1 of 2 jobs leaks: leaky (")


@pytest.mark.parametrize("runs", [20, 40, 100])
def test_a_warm_up_that_ends_is_no_leak(runs: int) -> None:
    level = 30 * (1 - np.exp(-np.arange(runs + 1) / 4))
    noise = np.random.default_rng(2).normal(0, 0.05, runs)
    words = [job.verdict.word for job in judged(runs_of("warms", np.diff(level) + noise)).jobs]
    assert words in ([STABLE], [CACHE_FILL])


def test_one_large_first_run_is_no_leak() -> None:
    found = judged(runs_of("imports", [60.0, *[0.0] * 29]), runs_of("other", [0.0] * 30))
    assert {job.verdict.word for job in found.jobs} == {STABLE}
    assert found.sentence == "None of 2 jobs leaks."


@pytest.mark.parametrize("seed", range(6))
def test_noise_is_no_leak(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, (3, 40))
    come_back = np.diff(noise[0], prepend=0)
    found = judged(
        runs_of("comes back", come_back), runs_of("walks", noise[1]), runs_of("too", noise[2])
    )
    assert found.leaking == ()


@pytest.mark.parametrize("count", [1, 3, 7])
def test_too_few_runs_say_how_many_more(count: int) -> None:
    (job,) = judged(runs_of("rare", [1.0] * count)).jobs
    assert job.verdict.word == CANNOT_TELL
    assert job.verdict.would_decide == f"{8 - count} more run{'s' if count < 7 else ''}"


def test_what_another_job_gives_back_is_not_called_a_leak() -> None:
    takes, gives = runs_of("takes", [2.0] * 40), runs_of("gives", [-2.0] * 40)
    level = [JobRun(run.job_id, 100 * MIB, run.delta_bytes, decimals=3) for run in takes]
    found = judged(level, gives)
    verdict = job_of(found, "takes").verdict
    assert (verdict.word, job_of(found, "gives").verdict.word) == (CANNOT_TELL, STABLE)
    assert "others give back" in verdict.reason


def test_growth_between_the_runs_is_told() -> None:
    runs = [
        JobRun(name, (100 + n) * MIB, 0.0, 0.0, 3) for n in range(40) for name in ("one", "other")
    ]
    found = judged(runs)
    assert found.word == STABLE
    assert found.caveats[0].startswith("The process itself grows, by 51")


def test_what_is_in_use_stands_before_what_is_resident() -> None:
    guilty = [JobRun("guilty", (100 + n) * MIB, 0.0, MIB, 3) for n in range(40)]
    blamed = [JobRun("blamed", (101 + n) * MIB, MIB, 0.0, 3) for n in range(40)]
    assert [job.job_id for job in judged(guilty, blamed).leaking] == ["guilty"]


def test_a_restart_of_the_process_does_not_hide_a_leak() -> None:
    lives = [runs_of("leaky", [5.0, *[1.0] * 11], pid=pid) for pid in (11, 12, 13)]
    (job,) = judged(*lives).jobs
    assert (job.verdict.word, job.processes) == (LEAK, 3)
    assert job.verdict.growth_bytes_per_run == pytest.approx(MIB, rel=0.15)


def test_processes_of_a_few_runs_do_not_drown_a_long_one() -> None:
    short = [runs_of("leaky", [1.0], pid=pid) for pid in range(30)]
    (job,) = judged(*short, runs_of("leaky", [1.0] * 30, pid=99)).jobs
    assert (job.verdict.word, job.processes) == (LEAK, 31)
    (job,) = judged(*short).jobs
    assert (job.verdict.word, job.verdict.would_decide) == (CANNOT_TELL, "7 more runs")


def test_hundreds_of_processes_are_judged_in_time() -> None:
    lives = [runs_of("leaky", [1.0] * 12, pid=pid) for pid in range(300)]
    (job,) = judged(*lives).jobs
    assert job.verdict.growth_bytes_per_run == pytest.approx(MIB, rel=0.15)


def test_a_warm_up_in_every_process_is_no_leak() -> None:
    lives = [runs_of("warms", [20.0, *[0.0] * 9], pid=pid) for pid in range(8)]
    assert judged(*lives, runs_of("other", [0.0] * 9)).leaking == ()


def test_rounded_figures_do_not_exclude_a_leak() -> None:
    flat = [JobRun("flat", 100 * MIB, 0.0, decimals=0) for _ in range(40)]
    other = [JobRun("other", 100 * MIB, 0.0, decimals=0) for _ in range(40)]
    verdict = job_of(judged(flat, other), "flat").verdict
    assert verdict.word == CANNOT_TELL
    assert "three decimals" in (verdict.would_decide or "")


def test_without_deltas_only_a_job_alone_is_judged() -> None:
    alone = [JobRun("a", (100 + n) * MIB) for n in range(30)]
    assert judged(alone).word == LEAK
    with_other = judged(alone, [JobRun("b", 130 * MIB)] * 30)
    assert {job.verdict.word for job in with_other.jobs} == {CANNOT_TELL}


def test_a_long_log_is_judged_in_bins() -> None:
    deltas = 0.05 + np.random.default_rng(3).normal(0, 0.05, 5_000)
    (job,) = judged(runs_of("frequent", deltas)).jobs
    assert job.verdict.word == LEAK
    assert job.verdict.growth_bytes_per_run == pytest.approx(0.05 * MIB, rel=0.15)


def test_jobs_at_the_same_time_are_told() -> None:
    first = JobRun("a", MIB, seconds=10.0, ended_at=100.5)
    within = JobRun("b", MIB, seconds=1.0, ended_at=95.5)
    after = JobRun("c", MIB, seconds=1.0, ended_at=101.6)
    elsewhere = JobRun("d", MIB, seconds=1.0, ended_at=95.5, pid=7)
    assert overlapping([first, within, after, elsewhere]) == {0, 1}
    found = judged([first, within, after])
    assert any("a (1 of 1), b (1 of 1)" in caveat for caveat in found.caveats)


def test_a_hostile_name_is_harmless_in_the_page() -> None:
    hostile = "</script><script>alert(1)</script>"
    found = judged(runs_of(hostile, [1.0] * 12), runs_of("\x1b[2J", [0.0] * 12))
    page = jobs_html(found, AT)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\\u003cscript\\u003ealert(1)" in page
    assert "\x1b" not in jobs_text(found)
    assert json.loads(jobs_json(found, AT))["jobs"][0]["job_id"] == hostile


def log_of(tmp_path: Path, deltas: Sequence[float]) -> Path:
    path = tmp_path / "worker.log"
    lines = [
        f"INFO job_completed job_id=nightly memory_mb={run.memory_bytes / MIB:.3f}"
        f" delta_mb={(run.delta_bytes or 0) / MIB:+.3f}"
        for run in runs_of("nightly", deltas)
    ]
    path.write_text("\n".join(["started", *lines, "job_completed job_id=?"]))
    return path


def test_the_command_tells_and_fails_on_request_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, page = log_of(tmp_path, [1.0] * 20), tmp_path / "out" / "jobs.html"
    assert main(["jobs", str(log)]) == 0
    assert main(["jobs", str(log), "--fail-if-leak", "--html", str(page)]) == 1
    told = capsys.readouterr().out
    assert "1 of 1 job leaks: nightly (1.0 MiB per run)" in told
    assert "1 line(s) with job_completed could not be read" in told
    assert told.endswith(f"report  {page}\n")
    assert "<h1>1 of 1 job leaks" in page.read_text()
    assert main(["jobs", str(log_of(tmp_path, [0.0] * 20)), "--fail-if-leak"]) == 0


def test_the_command_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff " + LINE.encode())))
    assert main(["jobs", "-", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["source"], content["verdict"]) == ("standard input", CANNOT_TELL)
    assert content["runs"][0]["memory_bytes"] == 123.5 * MIB


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("", "no line tells a run of a job"),
        ("INFO all is well\n", "no line tells a run of a job"),
        ("INFO\njob_completed job_id=x\n", "line 2 names job_completed, but has no job_id or no"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, words: str
) -> None:
    path = tmp_path / "worker.log"
    if text is not None:
        path.write_text(text)
    assert main(["jobs", str(path)]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_a_page_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = log_of(tmp_path, [0.0] * 10)
    assert main(["jobs", str(log), "--html", str(log / "jobs.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
