"""The endpoints apart from any framework."""

from __future__ import annotations

import pytest

from memory_sidecar.probe.endpoints import Endpoints
from memory_sidecar.probe.environment import VARIABLES, environment_name, is_production
from memory_sidecar.probe.installing import install

RIGHT = "Bearer secret"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "PLIMSOLL_PROBE_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def status(endpoints: Endpoints, path: str, authorization: str = RIGHT, method: str = "GET") -> int:
    return endpoints.answer(method, f"/api/v1/debug/{path}", authorization).status


def test_a_token_opens_them() -> None:
    assert status(Endpoints(token="secret"), "health") == 200


def test_without_a_token_set_they_stay_closed() -> None:
    answer = Endpoints().answer("GET", "/api/v1/debug/health", "Bearer ")
    assert answer.status == 403
    assert "PLIMSOLL_PROBE_TOKEN" in answer.content["error"]


@pytest.mark.parametrize("given", ["", "secret", "Bearer", "Bearer secre", "Bearer secret2", "é"])
def test_anything_else_than_the_token_is_refused(given: str) -> None:
    assert status(Endpoints(token="secret"), "memory", given) == 401


@pytest.mark.parametrize("name", VARIABLES)
def test_any_variable_that_says_production_closes_them(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "Production")
    assert status(Endpoints(token="secret", environment="development"), "health") == 403


def test_the_application_may_say_production_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    assert status(Endpoints(token="secret", environment="production"), "memory") == 403


@pytest.mark.parametrize(
    ("name", "meant"),
    [("production", True), ("PROD", True), ("live", True), ("prod-eu", True),
     ("staging", False), ("development", False), ("product-team", False), ("", False)],
)  # fmt: skip
def test_names_of_production(name: str, meant: bool) -> None:
    assert is_production(name) is meant


def test_an_environment_that_nobody_names_is_unknown() -> None:
    assert environment_name(None, {}) == "unknown"


def test_other_paths_and_methods_say_what_there_is() -> None:
    endpoints = Endpoints(token="secret")
    assert status(endpoints, "memory", method="POST") == 405
    assert status(endpoints, "memory/collect") == 405
    assert status(endpoints, "nothing") == 404


def test_what_is_no_application_is_refused_with_what_to_give() -> None:
    with pytest.raises(TypeError, match="give it the application"):
        install(object())
