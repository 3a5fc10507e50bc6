"""What else lies in the run directory: for who wants to check, or to go on with other tools."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rundir import RunDirectory


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of the run: its name, what it holds, bytes, sha256 (None: made with the report)."""

    name: str
    what: str
    size_bytes: int | None
    sha256: str | None


def raw_files(directory: RunDirectory) -> tuple[RawFile, ...]:
    """Those that are there, measured data first; the report's own are not there yet."""
    measured = (
        (directory.memory_samples, "one row a tick: memory of the whole target, bytes"),
        (directory.process_samples, "one row a process a second: RSS, PSS, USS, peak, bytes"),
        (directory.events, "what happened, one JSON object a line"),
        (directory.locust_stats_json, "Locust's exact counts and histograms, per second and phase"),
        (directory.locust_stats_csv, "Locust's own totals"),
        (directory.locust_history_csv, "Locust's own history"),
        (directory.locust_failures_csv, "Locust's own failures"),
        (directory.locust_exceptions_csv, "Locust's own exceptions"),
        (directory.run_json, "scenario, target, host, versions, settings (has a schema version)"),
        (directory.target_log, "what the target wrote"),
    )
    made = (
        (directory.report_json, "this report for programs (schema 1)"),
        (directory.junit_xml, "the gates for CI systems"),
        (directory.summary_md, "the answer for a pull request"),
    )
    return (
        *(_described(path, what) for path, what in measured if path.is_file()),
        *(RawFile(path.name, what, None, None) for path, what in made),
    )


def _described(path: Path, what: str) -> RawFile:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return RawFile(path.name, what, path.stat().st_size, digest)
