"""What a sidecar wrote that is gone, read from the folder that it wrote to."""

from __future__ import annotations

from pathlib import Path

from harness.pulling.from_folder import folder_of, take_over
from rundir import RunDirectory


def test_files_are_taken_from_the_folder_of_the_sidecar_that_is_meant(tmp_path: Path) -> None:
    environ = {"PLIMSOLL_SIDECAR_FILES": f"web={tmp_path}/a,worker={tmp_path}/b"}
    assert folder_of(environ, "worker") == tmp_path / "b"
    assert folder_of(environ, "database") is None
    assert folder_of({}, "web") is None
    assert folder_of({"PLIMSOLL_SIDECAR_FILES": str(tmp_path)}, "web") == tmp_path


def test_what_a_sidecar_wrote_is_copied_and_nothing_else(tmp_path: Path) -> None:
    written = tmp_path / "samples/the-run"
    written.mkdir(parents=True)
    (written / "events.jsonl").write_text("{}\n")
    (written / "other.txt").write_text("x")
    into = RunDirectory(tmp_path / "pulled")
    assert take_over(tmp_path / "samples", "the-run", into)
    assert [path.name for path in into.path.iterdir()] == ["events.jsonl"]
    assert not take_over(tmp_path / "samples", "another-run", into)
