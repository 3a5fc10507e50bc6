"""The shipped scenarios can be driven against the demo service."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.service import Service, uvicorn

pytestmark = pytest.mark.live

_SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def _filled(part: Any, values: dict[str, list[Any]]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, values) for name, value in part.items()}
    if not isinstance(part, str):
        return part
    # a part that is one variable keeps the type of its value: a number stays a number
    if alone := re.fullmatch(r"\$\{(\w+)\}", part):
        return values[alone[1]][0]
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]][0]), part)


def _endpoints() -> Iterator[Any]:
    for path in sorted([*_SCENARIOS.glob("*.toml"), *_SCENARIOS.glob("cases/loads/*.toml")]):
        scenario = tomllib.loads(path.read_text())
        if "demo.app:app" not in scenario["target"].get("command", []):
            continue
        for endpoint in scenario["endpoints"]:
            filled = _filled(endpoint, scenario.get("values", {}))
            name = f"{path.stem} {endpoint.get('method', 'GET')} {endpoint['path']}"
            yield pytest.param(filled, id=name)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with uvicorn(DEMO_AI_SECONDS="0.05") as running:
        yield running


@pytest.mark.parametrize("endpoint", list(_endpoints()))
def test_a_request_of_a_shipped_scenario_succeeds(
    service: Service, endpoint: dict[str, Any]
) -> None:
    answer = service.client.request(
        endpoint.get("method", "GET"),
        endpoint["path"],
        params=endpoint.get("query"),
        json=endpoint.get("json"),
        headers=endpoint.get("headers"),
    )
    assert answer.status_code == 200, answer.text


def test_a_post_goes_by_number_or_by_slug(service: Service) -> None:
    answers = [
        service.client.get("/api/trpc/post.byId", params={"input": json.dumps({"id": name})})
        for name in (7, "7", "p7")
    ]
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].status_code == 200


def test_a_search_depends_on_its_text(service: Service) -> None:
    found = [
        service.client.get("/api/trpc/search.query", params={"input": json.dumps({"text": text})})
        for text in ("memory", "load")
    ]
    assert found[0].json() != found[1].json()


def test_a_request_may_ask_for_the_strategy_cache_or_against_it(service: Service) -> None:
    path = "/strategies/momentum"
    computed, cached = (service.client.get(path, params={"cache": x}) for x in ("off", "on"))
    assert computed.json() == cached.json()
    assert service.client.get(path, params={"cache": "maybe"}).status_code == 422
