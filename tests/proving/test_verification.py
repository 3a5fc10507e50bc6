"""What a run under a limit proves, on made runs whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.limits.cgroup_v1 import apply as apply_v1
from harness.limits.cgroup_v2 import apply as apply_v2
from harness.limits.choosing import choose_way
from harness.limits.docker_container import with_id_file
from harness.limits.docker_container import wrap as docker_wrap
from harness.limits.node_heap import runs_node, with_heap_flag
from harness.limits.systemd_scope import wrap
from harness.limits.way import HardLimit, LimitRefused
from harness.proving.replay import replay_of
from harness.proving.what_if import with_workers
from reports.__main__ import main
from reports.assemble import assemble
from reports.findings import Findings
from reports.loading import load
from reports.proving.proofs_file import read_proofs
from reports.proving.proven import proven
from reports.proving.verification import verify
from rundir import MemorySample
from scenarios.errors import UsageError
from tests.reports.conftest import made
from tests.reports.made_findings import with_events
from tests.reports.made_run import MIB, START, MadeRun

__all__ = ["made"]
LIMIT = {"under_limit": {"limit_bytes": 256 * MIB, "way": "cgroup-v1", "counts": "all"}}
STEADY = 140 * MIB


def calm(row: MemorySample) -> MemorySample:
    """Level under load, in a group of its own."""
    level = STEADY if row.users else 100 * MIB
    return replace(row, pss=level, cgroup_usage=level, working_set=level, pressure_some=0.0)


def stalled(row: MemorySample) -> MemorySample:
    """Waits for memory a fifth of the time."""
    return replace(calm(row), pressure_some=0.2 * row.elapsed)


def found(made: MadeRun, name: str, **changes: Any) -> Findings:
    changed = made.but(path=made.path.parent / name, **({"sample": calm} | changes))
    return assemble(load(changed.write().path), 0.0)[1]


def killed(pid: int = 88) -> list[tuple[str, float, dict[str, Any]]]:
    born = {"pid": pid, "create_time": START + 1, "role": "worker"}
    return with_events(
        ("process_started", 1.0, born),
        ("oom_kill", 20.0, {"pids": [pid], "count": 1}),
        ("process_exited", 20.1, {**born, "cause": "oom_kill", "planned": False, "signal": 9}),
    )


def test_the_same_load_without_a_kill_is_verified(made: MadeRun) -> None:
    proof = verify(found(made, "before"), found(made, "after", run=LIMIT))
    assert proof.word == "verified"
    assert proof.limit_bytes == 256 * MIB
    assert "no OOM kill" in proof.sentence


def test_a_worker_killed_is_refuted_though_no_request_failed(made: MadeRun) -> None:
    before, after = found(made, "before"), found(made, "after", run=LIMIT, events=killed())
    assert after.under_limit is not None
    assert after.under_limit.survived is False
    proof = verify(before, after)
    assert proof.word == "refuted"
    assert "at 20.0 s pid 88 was killed for lack of memory" in proof.sentence


def test_a_target_that_survives_but_waits_for_memory_is_refuted_and_tight(made: MadeRun) -> None:
    after = found(made, "after", run=LIMIT, sample=stalled)
    assert after.under_limit is not None
    assert after.under_limit.survived
    assert after.verdict.fit == "tight"
    proof = verify(found(made, "before"), after)
    assert proof.word == "refuted"
    assert "crawls" in proof.sentence


def test_a_lost_worker_that_nobody_asked_to_go_is_refuted(made: MadeRun) -> None:
    born = {"pid": 88, "create_time": START + 1, "role": "worker"}
    events = with_events(
        ("process_started", 1.0, born),
        ("process_exited", 25.0, {**born, "planned": False, "exit_code": 3}),
    )
    proof = verify(found(made, "before"), found(made, "after", run=LIMIT, events=events))
    assert proof.word == "refuted"
    assert "pid 88 (worker) exited" in proof.sentence


def test_another_load_proves_nothing(made: MadeRun) -> None:
    before = found(made, "before", names=("/a", "/b", "/c"))
    proof = verify(before, found(made, "after", run=LIMIT))
    assert proof.word == "cannot_tell"
    assert "the load was not repeated" in proof.sentence


def test_a_run_without_a_limit_is_no_proof(made: MadeRun) -> None:
    with pytest.raises(ValueError, match="no hard limit"):
        verify(found(made, "before"), found(made, "after"))


def test_the_proof_is_kept_and_shown_in_both_reports(made: MadeRun) -> None:
    before = made.but(path=made.path.parent / "before", sample=calm).write()
    after = made.but(path=made.path.parent / "after", sample=calm, run=LIMIT).write()
    assert main(["prove", str(before.path), str(after.path)]) == 0
    assert [proof.word for proof in read_proofs(before.proofs)] == ["verified"]
    findings = assemble(load(before.path), 0.0)[1]
    assert "Verified under 256.0 MiB" in findings.verdict.sentence
    assert "Proof under a limit" in before.report_html.read_text()
    assert "Proof under a limit" in after.report_html.read_text()
    for directory in (before, after):
        assert json.loads(directory.report_json.read_text())["sizing"]["verified"] is True


def test_what_is_advised_is_proven_by_no_more_and_refuted_by_no_less(made: MadeRun) -> None:
    before = found(made, "before")
    proof = verify(before, found(made, "after", run=LIMIT))
    assert before.sizing.recommended_bytes == pytest.approx(2 * 210 * MIB, rel=0.4)
    smaller, larger = replace(proof, limit_bytes=MIB), replace(proof, limit_bytes=10**12)
    assert proven((smaller,), before.sizing) is True
    assert proven((larger,), before.sizing) is None
    assert proven((replace(larger, word="refuted"),), before.sizing) is False
    assert proven((replace(smaller, word="refuted"),), before.sizing) is None


def test_a_target_that_was_attached_to_cannot_be_replayed(made: MadeRun) -> None:
    directory = made.but(run={"target": {"found_by": "pid", "pid": 1}}).write()
    record = directory.read_run_json()
    record["plan"] = {"kind": "steady", "phases": [{"users": 3, "spawn_rate": 1, "seconds": 9}]}
    directory.write_run_json(record)
    with pytest.raises(UsageError, match="the suite must start it"):
        replay_of(directory.path)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such run directory"):
        replay_of(tmp_path / "none")


def test_limits_are_written_without_swap(tmp_path: Path) -> None:
    for name in ("memory.memsw.limit_in_bytes", "memory.swap.max"):
        (tmp_path / name).write_text("max")
    apply_v1(tmp_path, HardLimit(64 * MIB))
    assert (tmp_path / "memory.limit_in_bytes").read_text() == str(64 * MIB)
    assert (tmp_path / "memory.memsw.limit_in_bytes").read_text() == str(64 * MIB)
    apply_v2(tmp_path, HardLimit(64 * MIB, oom_group=True))
    assert (tmp_path / "memory.max").read_text() == str(64 * MIB)
    assert (tmp_path / "memory.swap.max").read_text() == "0"
    assert (tmp_path / "memory.oom.group").read_text() == "1"


def test_a_limit_that_cannot_be_set_says_where(tmp_path: Path) -> None:
    with pytest.raises(LimitRefused, match="cannot be set"):
        apply_v2(tmp_path / "none", HardLimit(MIB))


def test_a_scope_of_systemd_becomes_the_command() -> None:
    words = wrap(("uvicorn", "app:app"), HardLimit(64 * MIB))
    assert words[:3] == ("systemd-run", "--user", "--scope")
    assert f"MemoryMax={64 * MIB}" in words
    assert "MemorySwapMax=0" in words
    assert words[-3:] == ("--", "uvicorn", "app:app")


def test_an_unknown_way_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="expected one of auto, cgroup-v1"):
        choose_way("ulimit")


def test_node_gets_a_heap_that_fits_the_limit_unless_it_has_one() -> None:
    assert runs_node(("/usr/bin/node", "server.js"))
    assert not runs_node(("python", "node.py"))
    assert with_heap_flag({}, HardLimit(512 * MIB))["NODE_OPTIONS"] == "--max-old-space-size=384"
    kept = {"NODE_OPTIONS": "--max-old-space-size=100"}
    assert with_heap_flag(kept, HardLimit(512 * MIB)) == kept


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gunicorn app:app -w 2 -b :8000", "gunicorn app:app -w 3 -b :8000"),
        ("gunicorn app:app --workers=2", "gunicorn app:app --workers=3"),
        ("uvicorn app:app --workers 1", "uvicorn app:app --workers 3"),
        ("python -m gunicorn app:app", "python -m gunicorn app:app --workers 3"),
    ],
)
def test_worker_counts_are_put_into_the_command(command: str, expected: str) -> None:
    assert " ".join(with_workers(tuple(command.split()), 3)) == expected


def test_a_command_without_workers_is_refused() -> None:
    with pytest.raises(UsageError, match="no --workers"):
        with_workers(("node", "server.js"), 3)


def test_a_docker_run_gets_its_limit_from_docker_and_is_removed_by_us() -> None:
    command = ("docker", "run", "--rm", "-p", "127.0.0.1:8000:8000", "image", "serve")
    words = with_id_file(docker_wrap(command, HardLimit(64 * MIB)), Path("container.id"))
    size = str(64 * MIB)
    assert "--rm" not in words
    assert words[:2] == ("docker", "run")
    assert words[words.index("--memory") + 1] == words[words.index("--memory-swap") + 1] == size
    assert words[-2:] == ("image", "serve")
    with pytest.raises(UsageError, match="a docker run, whose limit is Docker's"):
        choose_way("cgroup-v1", command)
