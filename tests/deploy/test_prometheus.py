"""The scrape example and the recording rules: names by convention, and of metrics that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from memory_sidecar.metrics import COUNTERS, GAUGES

FOLDER = Path(__file__).parents[2] / "deploy/prometheus"
CONVENTION = re.compile(r"(instance|service|job):(plimsoll_[a-z_]+):[a-z0-9_]+")
EXISTING = {name for name, *_ in GAUGES} | {f"{name}_total" for name, *_ in COUNTERS}


def rules() -> list[dict[str, Any]]:
    content = yaml.safe_load((FOLDER / "rules.yaml").read_text())
    return [rule for group in content["groups"] for rule in group["rules"]]


def test_recorded_names_say_level_metric_and_operations() -> None:
    recorded = [rule["record"] for rule in rules() if "record" in rule]
    assert len(set(recorded)) == len(recorded) > 0
    assert [name for name in recorded if not CONVENTION.fullmatch(name)] == []


def test_every_rule_reads_metrics_that_the_sidecar_shows_or_that_are_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for rule in rules():
        names = set(re.findall(r"[a-z]+:plimsoll_[a-z_]+:\w+|(?<![:\w])plimsoll_\w+", rule["expr"]))
        assert names and names <= EXISTING | recorded, rule


def test_a_recorded_name_keeps_the_name_of_the_metric_it_is_made_of() -> None:
    for rule in rules():
        found = CONVENTION.fullmatch(rule.get("record", ""))
        assert found is None or found[2] in rule["expr"]


def test_the_scrape_example_has_no_token_in_it() -> None:
    (job,) = yaml.safe_load((FOLDER / "scrape.yaml").read_text())["scrape_configs"]
    assert job["authorization"].keys() == {"type", "credentials_file"}
