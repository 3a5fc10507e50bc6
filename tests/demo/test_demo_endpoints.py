"""What the endpoints of the demo service answer."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.service import Service, gunicorn, uvicorn

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with uvicorn(DEMO_AI_SECONDS="0.05") as running:
        yield running


def _json(service: Service, path: str) -> Any:
    answer = service.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _posted(service: Service, path: str, body: dict[str, Any]) -> Any:
    answer = service.client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_health_says_ok(service: Service) -> None:
    assert _json(service, "/health") == {"status": "ok"}


def test_the_root_says_what_the_service_is(service: Service) -> None:
    assert _json(service, "/")["service"] == "plimsoll demo"


def test_debug_health_tells_the_memory_of_the_worker(service: Service) -> None:
    told = _json(service, "/api/v1/debug/health")
    assert set(told) == {
        "status",
        "environment",
        "memory_mb",
        "memory_percent",
        "scheduler_enabled",
    }
    assert told["memory_mb"] == pytest.approx(service.rss_bytes() / 2**20, rel=0.05)
    assert told["scheduler_enabled"] is False


def test_symbols_and_courses_are_listed(service: Service) -> None:
    assert "AAPL" in _json(service, "/api/v1/symbols")["symbols"]
    assert "algebra" in _json(service, "/api/courses")["courses"]


def test_a_history_has_one_consistent_record_per_day(service: Service) -> None:
    records = _json(service, "/api/v1/history/AAPL?days=30")
    assert len(records) == 30
    for record in records:
        assert record["low"] <= min(record["open"], record["close"])
        assert record["high"] >= max(record["open"], record["close"])


def test_a_history_is_a_year_long_unless_asked_otherwise(service: Service) -> None:
    assert len(_json(service, "/api/v1/history/AAPL")) == 365


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/history/MSFT?days=50",
        "/api/v1/quote/MSFT",
        "/api/v1/options/MSFT/chain",
        "/api/v1/patterns/MSFT",
        "/strategies/breakout",
        "/api/flashcards/algebra",
        "/api/trpc/search.query",
    ],
)
def test_the_same_question_has_the_same_answer(service: Service, path: str) -> None:
    assert _json(service, path) == _json(service, path)


def test_two_symbols_have_two_prices(service: Service) -> None:
    prices = {_json(service, f"/api/v1/quote/{name}")["price"] for name in ("AAPL", "MSFT")}
    assert len(prices) == 2


def test_a_chain_holds_41_strikes_for_each_of_five_expiries(service: Service) -> None:
    assert len(_json(service, "/api/v1/options/SPY/chain")["contracts"]) == 5 * 41


def test_an_analysis_computes_indicators_over_20000_rows(service: Service) -> None:
    told = _posted(service, "/api/v1/analysis", {"symbol": "AAPL", "window": 20})
    assert told["rows"] == 20_000
    found = told["indicators"]
    assert found["lower"] < found["sma"] < found["upper"]
    assert 0 <= found["rsi"] <= 100


def test_a_bad_window_is_refused(service: Service) -> None:
    body = {"symbol": "AAPL", "window": 1}
    assert service.client.post("/api/v1/analysis", json=body).status_code == 422


def test_a_pattern_is_found_with_a_correlation(service: Service) -> None:
    for fit in _json(service, "/api/v1/patterns/AAPL")["patterns"].values():
        assert 0.5 < fit["correlation"] <= 1.0


def test_the_simulated_option_price_is_near_the_formula(service: Service) -> None:
    spot = _json(service, "/api/v1/options/SPY/chain")["spot"]
    body = {"symbol": "SPY", "strike": spot, "days": 90}
    told = _posted(service, "/api/v1/options/price", body)
    assert told["simulated"] == pytest.approx(told["formula"], rel=0.1)


def test_an_unknown_strategy_is_not_found(service: Service) -> None:
    assert service.get("/strategies/hindsight") == [404]


def test_a_stream_is_five_events_and_then_done(service: Service) -> None:
    answer = service.client.get("/api/stream", params={"question": "why?"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = answer.text.strip().split("\n\n")
    assert len(events) == 6
    assert events[-1].startswith("event: done")
    assert all(event.startswith("data: ") for event in events[:-1])


def test_asking_takes_at_least_the_time_of_the_model(service: Service) -> None:
    answer = service.client.post("/api/ask", json={"question": "why?", "course": "algebra"})
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.05


def test_a_trpc_batch_answers_each_procedure_in_turn(service: Service) -> None:
    answer = service.client.get(
        "/api/trpc/user.me,post.list,post.byId",
        params={"batch": "1", "input": '{"1": {"limit": 3}, "2": {"id": 7}}'},
    )
    me, posts, post = (item["result"]["data"] for item in answer.json())
    assert me["name"] == "Demo User"
    assert len(posts["posts"]) == 3
    assert post["id"] == 7


def test_an_unknown_trpc_procedure_is_404_in_trpc_shape(service: Service) -> None:
    answer = service.client.get("/api/trpc/user.me,no.such", params={"batch": "1"})
    assert answer.status_code == 404
    fine, unknown = answer.json()
    assert "result" in fine
    assert unknown["error"]["data"] == {"code": "NOT_FOUND", "httpStatus": 404, "path": "no.such"}


@pytest.mark.parametrize("given", ["{", "[]", '{"0": {"limit": "many"}}'])
def test_a_bad_trpc_input_is_400_in_trpc_shape(service: Service, given: str) -> None:
    answer = service.client.get("/api/trpc/post.list", params={"batch": "1", "input": given})
    assert answer.status_code == 400
    assert answer.json()[0]["error"]["data"]["code"] == "BAD_REQUEST"


def test_trpc_mutations_are_posted(service: Service) -> None:
    created = _posted(service, "/api/trpc/post.create", {"title": "Hello"})
    assert created["result"]["data"]["title"] == "Hello"
    assert _posted(service, "/api/trpc/post.like", {"id": 3})["result"]["data"]["liked"] is True
    assert service.client.post("/api/trpc/no.such", json={}).status_code == 404


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("/api/v1/symbols", "light"),
        ("/api/v1/history/AAPL", "medium"),
        ("/api/v1/patterns/AAPL", "heavy"),
        ("/api/trpc/user.me", "light"),
        ("/api/trpc/user.me,post.list?batch=1", "medium"),
        ("/api/trpc/user.me,search.query?batch=1", "heavy"),
    ],
)
def test_a_request_counts_in_the_tier_of_its_route(service: Service, path: str, tier: str) -> None:
    before = service.counters()["requests"]
    service.get(path)
    assert service.counters()["requests"] == {**before, tier: before[tier] + 1}


def _wait_for_two_workers(service: Service) -> None:
    seen: set[int] = set()
    deadline = time.monotonic() + 60
    while len(seen) < 2:
        assert time.monotonic() < deadline, "the second worker did not come up"
        answer = service.client.get("/demo/switches", headers={"connection": "close"})
        seen.add(answer.json()["pid"])


def test_two_gunicorn_workers_serve_and_leak_on_their_own() -> None:
    # a new connection for each request, or one worker would get them all
    headers = {"connection": "close"}
    with gunicorn(DEMO_LEAK_BYTES="1000000", DEMO_LEAK_TIER="medium") as service:
        # the second worker may still be importing, and growing, when the first answers
        _wait_for_two_workers(service)
        for _ in range(200):
            service.client.get("/api/courses", headers=headers)
        before = {child.pid: child.memory_info().rss for child in service.process.children()}
        assert len(before) == 2
        for _ in range(100):
            assert service.client.get("/api/trpc/post.list", headers=headers).status_code == 200
        after = {child.pid: child.memory_info().rss for child in service.process.children()}
    assert after.keys() == before.keys()
    assert sum(after.values()) - sum(before.values()) == pytest.approx(100e6, rel=0.15)
