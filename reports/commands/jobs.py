"""`python -m reports jobs LOGFILE`: which background job makes the memory grow."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from reports.errors import UsageError

if TYPE_CHECKING:
    from reports.jobs.findings import JobFindings
    from reports.jobs.log_lines import JobLog

DESCRIPTION = """\
Read a log in which background jobs tell their memory, one line after each run, and say of each job
how much memory it leaves behind with each run, with a 95 % interval, and whether it leaks.

A line counts when job_completed stands in it, behind any logger's prefix, as logfmt or as JSON:

  2026-11-20 18:04:00 INFO job_completed job_id=nightly memory_mb=123.402 delta_mb=+0.312
  {"time": "2026-11-20T18:04:00Z", "job": {"job_id": "nightly", "memory_mb": 123.402}}

memory_mb is the process's resident memory after the run and delta_mb what the run added, in MiB.
memory_percent, peak_mb, seconds, status and pid are used where they are there. In the service:

  from memory_sidecar.probe.jobs import log_job_memory

  @log_job_memory("nightly")
  def nightly() -> None: ..."""
EPILOG = """\
Eight runs of a job are the least that is judged; a slow leak between noise needs more.

exit codes:
  0  read; with --fail-if-leak: and no job is shown to leak
  1  --fail-if-leak, and a job leaks
  2  not read: no such file, or no line in it tells a run of a job

examples:
  python -m reports jobs worker.log
  python -m reports jobs worker.log --html jobs.html --fail-if-leak
  docker logs worker 2>&1 | python -m reports jobs - --json"""


def run(arguments: Sequence[str]) -> int:
    """Tell of a log's jobs; returns 0 or 1. Raises UsageError."""
    parser = argparse.ArgumentParser(
        prog="python -m reports jobs",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("log", metavar="LOGFILE", help="a log; - is standard input")
    parser.add_argument("--json", action="store_true", help="JSON instead of the table")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page, too")
    parser.add_argument(
        "--fail-if-leak", action="store_true", help="exit code 1 when any job leaks"
    )
    return _tell(parser.parse_args(arguments))


def _tell(options: argparse.Namespace) -> int:
    from reports.jobs.judging import judge_jobs
    from reports.render.jobs import jobs_json, jobs_text

    # A file's name need not be UTF-8, but a page is.
    given = options.log.encode("utf-8", errors="replace").decode("utf-8")
    name = "standard input" if given == "-" else given
    findings = judge_jobs(_read(options.log, name), name)
    generated = time.time()
    if options.html is not None:
        _write_page(options.html, findings, generated)
    sys.stdout.write(jobs_json(findings, generated) if options.json else jobs_text(findings))
    if options.html is not None and not options.json:
        sys.stdout.write(f"\nreport  {options.html}\n")
    return 1 if options.fail_if_leak and findings.leaking else 0


def _read(source: str, name: str) -> JobLog:
    from reports.jobs.log_lines import job_log

    try:
        if source == "-":
            log = job_log(_lines(sys.stdin.buffer))
        else:
            with Path(source).open("rb") as file:
                log = job_log(_lines(file))
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror}); give a log file") from None
    if log.runs:
        return log
    if log.unreadable:
        raise UsageError(
            f"{name}: line {log.unreadable[0]} names job_completed, but has no job_id or no"
            " memory_mb that is a number; see python -m reports jobs --help"
        )
    raise UsageError(
        f"{name}: no line tells a run of a job (job_completed job_id=... memory_mb=...);"
        " see python -m reports jobs --help for how to log them"
    )


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Split at line feeds only, whatever else a text might hold; what is no UTF-8 is kept as ?."""
    return (line.decode("utf-8", errors="replace") for line in file)


def _write_page(path: Path, findings: JobFindings, generated: float) -> None:
    from reports.render.jobs import jobs_html
    from rundir.layout import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, jobs_html(findings, generated))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
