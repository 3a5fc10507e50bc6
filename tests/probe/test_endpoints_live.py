"""The debug endpoints in real services: FastAPI, Flask, Django."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from memory_sidecar.probe.asking import ask
from tests.probe.serving import SERVERS, Served, serving

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=sorted(SERVERS))
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as running:
        yield running


def test_the_memory_endpoint_has_the_names_that_people_use(served: Served) -> None:
    content = served.ask("memory").json()
    assert set(content["current_usage"]) == {
        "rss_mb", "vms_mb", "percent", "available_mb", "total_mb",
    }  # fmt: skip
    assert {"type", "count", "avg_size_bytes"} <= set(content["top_objects"][0])
    assert len(content["top_objects"]) == 20
    assert {"collections", "threshold", "tracked_objects"} <= set(content["gc_stats"])
    assert content["current_usage"]["rss_mb"] > 10
    assert 0 < content["explained"]["explained_mb"] < content["current_usage"]["rss_mb"]


def test_a_large_object_is_told_and_the_secret_beside_it_is_not(served: Served) -> None:
    answer = served.ask("memory")
    large = answer.json()["large_objects"]
    assert any(one["type"] == "list" and one["size_mb"] >= 3.0 for one in large)
    assert "hunter2" not in answer.text


def test_the_health_endpoint_says_where_it_is(served: Served) -> None:
    content = served.ask("health").json()
    assert content["status"] == "ok"
    assert content["scheduler_enabled"] is True
    assert content["memory_mb"] > 10
    assert set(content) == {
        "status", "environment", "memory_mb", "memory_percent", "scheduler_enabled",
    }  # fmt: skip


def test_collect_tells_before_and_after(served: Served) -> None:
    content = served.ask("memory/collect", method="POST").json()
    assert content["before"]["rss_mb"] >= content["after"]["rss_mb"] - 1
    assert content["unreachable_objects"] >= 0


def test_without_the_token_nothing_is_told(served: Served) -> None:
    for token in (None, "wrong", "right2"):
        answer = served.ask("memory", token=token)
        assert (answer.status_code, answer.json()) == (401, {"error": "a bearer token is needed"})


def test_the_service_itself_goes_on_as_before(served: Served) -> None:
    assert served.client.get("/").json()["pid"] in {served.process.pid, *served.workers()}
    assert served.client.get("/api/v1/else").status_code == 404


def test_each_process_answers_on_its_own_socket(served: Served) -> None:
    pids = served.workers() or [served.process.pid]
    assert [ask(pid, "hello")["pid"] for pid in pids] == pids


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_in_production_the_answer_is_403_whatever_else_is_set(name: str) -> None:
    with serving(name, APP_ENV="production", ENVIRONMENT="development") as served:
        for path in ("memory", "health", "else"):
            assert served.ask(path).status_code == 403
        assert served.ask("memory/collect", method="POST").status_code == 403
        assert served.client.get("/").status_code == 200
