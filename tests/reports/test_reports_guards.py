"""What the guards did is told: a stopped load, a capped rate, certificates not verified."""

from __future__ import annotations

from typing import Any

import pytest

from reports.findings import Findings
from tests.reports.made_findings import findings_of, with_events
from tests.reports.made_run import MadeRun


def plan(load_seconds: float) -> dict[str, Any]:
    phases = [("baseline", 10, 0), ("load", load_seconds, 20), ("cooldown", 10, 0)]
    return {
        "kind": "steady",
        "phases": [{"name": n, "seconds": s, "users": u} for n, s, u in phases],
    }


FAILED = {"reason": "error_rate", "value": 0.82, "limit": 0.5, "seconds": 10.0}
FULL = {"reason": "memory", "value": 0.97, "limit": 0.95, "seconds": 10.0}


def stopped(made: MadeRun, why: dict[str, Any], planned_seconds: float = 120) -> Findings:
    """The load of 30 s was to last longer, and ended by the switch."""
    events = with_events(("load_stopped", 39.5, why))
    events = [(n, at, {"reason": "load_stopped"} if n == "run_ended" else f) for n, at, f in events]
    return findings_of(made.but(events=events, run={"plan": plan(planned_seconds)}))


@pytest.mark.parametrize(
    ("why", "story"),
    [
        (FAILED, "82 % of the requests of the last 10 s failed (stop above 50 %)"),
        (FULL, "memory was at 97 % of its limit, too high for 10 s (stop above 95 %)"),
    ],
)
def test_the_sentence_says_that_and_why_the_load_was_stopped(
    why: dict[str, Any], story: str, made: MadeRun
) -> None:
    found = stopped(made, why)
    told = f"Partial run: the load was stopped at 39.5 s: {story}."
    assert found.verdict.sentence.startswith(told)
    assert told in found.caveats
    assert (found.run.partial, found.run.end_reason) == (True, "load_stopped")
    assert found.verdict.fit == "cannot_tell"


def test_a_stopped_load_fails_a_gate_of_its_own(made: MadeRun) -> None:
    assert "load_completed" not in {gate.rule for gate in findings_of(made).gates}
    # The events of a run directory are appended to: another directory for the second.
    made = made.but(path=made.path.with_name("stopped"))
    gates = {gate.rule: gate for gate in stopped(made, FAILED).gates}
    assert gates["load_completed"].passed is False
    assert "stopped at 39.5 s" in str(gates["load_completed"].note)


def test_of_less_than_half_the_load_no_growth_is_judged(made: MadeRun) -> None:
    memory = stopped(made, FULL).memory
    assert memory.verdict == "cannot_tell"
    assert memory.reasons[0] == "the load was stopped after 30 of 120 s"


def test_of_most_of_the_load_growth_is_judged_as_ever(made: MadeRun) -> None:
    found = stopped(made, FULL, planned_seconds=40)
    assert not any("was stopped after" in reason for reason in found.memory.reasons)


def capped(made: MadeRun, rate: float, **more: Any) -> tuple[str, ...]:
    caveats = findings_of(made.but(run={"guards": {"max_rps": rate}, **more})).caveats
    return tuple(caveat for caveat in caveats if "MAX_RPS" in caveat)


def test_a_rate_at_its_cap_is_told(made: MadeRun) -> None:
    assert capped(made, 40.0) == (
        "The rate was capped at 40 requests/s (MAX_RPS): response times and memory are those at"
        " the cap, the users wanted more.",
    )


def test_a_cap_that_was_not_reached_is_told_as_that(made: MadeRun) -> None:
    (told,) = capped(made, 100.0)
    assert told == "MAX_RPS=100 was not reached: the load was at most 40.0 requests/s."


@pytest.mark.parametrize(
    ("url", "verify", "told"),
    [
        ("https://staging.example.com", False, True),
        ("https://staging.example.com", True, False),
        ("http://127.0.0.1:1", False, False),
    ],
)
def test_certificates_that_were_not_verified_are_told(
    url: str, verify: bool, told: bool, made: MadeRun
) -> None:
    run = {"target": {"base_url": url}, "scenario": {"target": {"verify_tls": verify}}}
    caveats = findings_of(made.but(run=run)).caveats
    assert any("TLS certificates were not verified" in caveat for caveat in caveats) is told
