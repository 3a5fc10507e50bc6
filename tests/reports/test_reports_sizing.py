"""Sizing, and the catalogue it chooses from."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from reports.catalogue import PLANS, Plan, load_catalogue
from reports.findings import MemoryFigures, PhaseFigures
from reports.sizing.rule import size, smallest_plan
from tests.reports.made_run import MIB


def plan(name: str, memory_mib: int, usd_month: float | None, **more: object) -> Plan:
    facts: dict[str, object] = {"provider": "p", "unit_verified": True, "swap": "no"}
    facts |= {"as_of": "2026-01-01", "source": "s", "confidence": "primary", **more}
    return Plan(plan=name, memory_mib=memory_mib, usd_month=usd_month, **facts)  # type: ignore[arg-type]


def phase(name: str, peak: int | None, *, is_load: bool) -> PhaseFigures:
    memory = MemoryFigures(peak_high=peak)
    return PhaseFigures(name, 0, 1, 1, is_load, 0, 0, 0, None, None, None, memory)


def test_minimum_and_recommended_are_multiples_of_the_highest_peak() -> None:
    found = size((phase("a", 300, is_load=True), phase("b", 100, is_load=False)), ())
    assert (found.peak_bytes, found.minimum_bytes, found.recommended_bytes) == (300, 450, 600)


def test_without_load_there_is_no_sizing() -> None:
    found = size((phase("a", None, is_load=True), phase("b", 100, is_load=False)), ())
    assert found.peak_bytes is None


def test_the_smallest_plan_wins_then_the_cheapest() -> None:
    plans = [plan("big", 1024, 1), plan("dear", 512, 9), plan("fair", 512, 7), plan("tiny", 256, 1)]
    choice = smallest_plan(300 * MIB, plans)
    assert choice is not None
    assert (choice.name, choice.as_of) == ("fair", "2026-01-01")


def test_plans_without_price_or_date_and_free_ones_are_not_recommended() -> None:
    plans = [plan("a", 512, None), plan("b", 512, 0), plan("c", 512, 5, as_of="undated")]
    plans += [plan("d", 512, 5, closed_to_new_customers="2026-04-30")]
    assert smallest_plan(MIB, plans) is None


def test_a_vendors_mb_is_read_as_a_million_bytes() -> None:
    loose, sure = plan("loose", 512, 5, unit_verified=False), plan("sure", 512, 9)
    choice = smallest_plan(512 * MIB, [loose, sure])
    assert choice is not None
    assert choice.name == "sure"


def test_every_plan_of_the_catalogue_is_valid_dated_and_sourced() -> None:
    plans = load_catalogue().plan
    assert len(plans) > 100
    assert all(entry.as_of and entry.source for entry in plans)
    assert len({(entry.provider, entry.plan) for entry in plans}) == len(plans)


def test_a_wrong_key_in_the_catalogue_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "plans.toml"
    wrong.write_text(PLANS.read_text().replace("memory_mib = 512", "memory_mb = 512", 1))
    with pytest.raises(ValidationError, match="memory_mb"):
        load_catalogue(wrong)
