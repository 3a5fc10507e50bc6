"""Plan connections on the command line: what is put together, and which mistakes are told how."""

from __future__ import annotations

import argparse
import resource
from typing import Any

import pytest

from scenarios.connections.options import connections_from
from scenarios.errors import UsageError
from scenarios.loading import validate
from scenarios.model import Scenario

LEAST = {
    "name": "least",
    "target": {"base_url": "http://127.0.0.1:8000"},
    "weights": {"light": 1, "medium": 0, "heavy": 0},
    "endpoints": [{"path": "/", "tier": "light"}],
}
TABLE = {"connections": {"kind": "events", "path": "/events", "count": 50}}


def scenario(more: dict[str, Any] | None = None) -> Scenario:
    return validate(LEAST | (more or {}), "x.toml")


def options(**given: Any) -> argparse.Namespace:
    none = dict.fromkeys(
        ("connections", "connection_kind", "connection_path", "read_bytes_per_second")
    )
    return argparse.Namespace(**(none | {"num_users": 20, "master": False} | given))


def test_options_go_before_the_table() -> None:
    given = options(connections=80, read_bytes_per_second=500.0)
    found = connections_from(given, scenario(TABLE))
    assert (found.kind, found.path, found.count) == ("events", "/events", 80)
    assert found.read_bytes_per_second == 500


def test_the_web_form_sends_figures_as_text() -> None:
    found = connections_from(options(connections="80", num_users="20"), scenario(TABLE))
    assert found.count == 80


def test_what_is_shown_of_a_path_has_no_query() -> None:
    given = options(connection_kind="keep-alive", connection_path="/x?token=s3cret&n=1?2")
    found = connections_from(given, scenario())
    assert (found.path, found.shown_path) == ("/x?token=s3cret&n=1?2", "/x")


def test_without_a_table_kind_and_path_are_enough() -> None:
    found = connections_from(options(connection_kind="keep-alive", connection_path="/"), scenario())
    assert (found.kind, found.count, found.touch_seconds) == ("keep-alive", 200, 2.0)


@pytest.mark.parametrize(
    ("given", "more", "words"),
    [
        ({}, None, "give ENDPOINT=/path"),
        ({"connection_path": "/x"}, None, "give KIND=keep-alive or KIND=events"),
        ({"connections": 0}, TABLE, "--connections 0: input should be greater"),
        ({"connection_kind": "tcp"}, TABLE, "--connection-kind tcp"),
        ({"num_users": 7}, TABLE, "give CONNECTIONS=7"),
        ({"connection_kind": "keep-alive", "read_bytes_per_second": 9}, TABLE, "'events' only"),
        ({}, {**TABLE, "user_class": "a.py:B"}, "cannot use user_class 'a.py:B'"),
    ],
)
def test_a_mistake_says_what_to_do(
    given: dict[str, Any], more: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        connections_from(options(**given), scenario(more))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_connections_than_open_files_are_refused_with_the_way_to_raise_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    connections_from(options(connections=924), scenario(TABLE))
    with pytest.raises(UsageError, match=r"ulimit -n 1100.*hard limit is 4096.*at most 924"):
        connections_from(options(connections=1000), scenario(TABLE))


@pytest.mark.parametrize("role", ["master", "worker"])
def test_neither_a_master_nor_one_of_its_workers_holds_all_connections(
    monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    given = options(connections=5000, **{role: True})
    assert connections_from(given, scenario(TABLE)).count == 5000
