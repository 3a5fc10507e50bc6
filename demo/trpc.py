"""A tRPC-like interface: several procedures in one batched request."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse

from demo.prices import seeded
from demo.tiers import Mark, Tier, mark_request

router = APIRouter(prefix="/api/trpc")

_POSTS = 200
_WEIGHT = (Tier.LIGHT, Tier.MEDIUM, Tier.HEAVY)
_MAX_BATCH = 20


@dataclass(frozen=True)
class Procedure:
    """A procedure: its tier, and what computes its data from its input."""

    tier: Tier
    call: Callable[[dict[str, Any]], Any]


def _post(number: int) -> dict[str, Any]:
    words = seeded(f"post/{number}").integers(0, 10_000, 120).tolist()
    body = " ".join(f"word{word}" for word in words)
    return {"id": number, "title": f"Post {number}", "body": body}


def _number(given: dict[str, Any], name: str, default: int, top: int) -> int:
    value = given.get(name, default)
    try:
        return min(max(int(value), 0), top)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a number") from None


def _post_number(given: dict[str, Any]) -> int:
    # posts go by number or by slug, as in the scenario: 12 and "p12" are the same post
    value = given.get("id", 1)
    number = value.removeprefix("p") if isinstance(value, str) else value
    return _number({"id": number}, "id", 1, 1_000_000)


def _me(_given: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "name": "Demo User"}


def _list(given: dict[str, Any]) -> dict[str, Any]:
    return {"posts": [_post(n) for n in range(1, _number(given, "limit", 30, 50) + 1)]}


def _by_id(given: dict[str, Any]) -> dict[str, Any]:
    number = _post_number(given)
    return {**_post(number), "comments": [_post(number + step) for step in range(1, 11)]}


def _search(given: dict[str, Any]) -> dict[str, Any]:
    query = str(given.get("text", given.get("query", "")))[:200]
    # a search by likeness: 5,000 documents of 128 features against the query
    documents = seeded("documents").standard_normal((5_000, 128))
    likeness = documents @ seeded(query).standard_normal(128)
    best = np.argsort(likeness)[::-1][:10]
    return {"query": query, "hits": [{"id": int(n), "score": float(likeness[n])} for n in best]}


def _create(given: dict[str, Any]) -> dict[str, Any]:
    # nothing is stored: a store would be a leak nobody asked for
    return {"id": _POSTS + 1, "title": str(given.get("title", ""))[:200]}


def _like(given: dict[str, Any]) -> dict[str, Any]:
    return {"id": _post_number(given), "liked": True}


_QUERIES = {
    "user.me": Procedure(Tier.LIGHT, _me),
    "post.list": Procedure(Tier.MEDIUM, _list),
    "post.byId": Procedure(Tier.MEDIUM, _by_id),
    "search.query": Procedure(Tier.HEAVY, _search),
}
_MUTATIONS = {
    "post.create": Procedure(Tier.MEDIUM, _create),
    "post.like": Procedure(Tier.LIGHT, _like),
}


def _error(path: str, status: int, message: str) -> dict[str, Any]:
    name, code = ("NOT_FOUND", -32004) if status == 404 else ("BAD_REQUEST", -32600)
    data = {"code": name, "httpStatus": status, "path": path}
    return {"error": {"message": message, "code": code, "data": data}}


def _run(table: dict[str, Procedure], path: str, given: Any) -> tuple[int, dict[str, Any]]:
    procedure = table.get(path)
    if procedure is None:
        return 404, _error(path, 404, f'No procedure found on path "{path[:100]}"')
    try:
        data = procedure.call(given if isinstance(given, dict) else {})
    except ValueError as problem:
        return 400, _error(path, 400, str(problem))
    return 200, {"result": {"data": data}}


def _heaviest(table: dict[str, Procedure], paths: list[str]) -> Tier:
    tiers = [table[path].tier for path in paths if path in table]
    return max(tiers, key=_WEIGHT.index, default=Tier.LIGHT)


def _inputs(text: str, batch: bool) -> dict[str, Any]:
    given = json.loads(text) if text else {}
    if not isinstance(given, dict):
        raise ValueError("input must be a JSON object")
    return given if batch else {"0": given}


@router.get("/{procedures}")
def query(
    request: Request,
    procedures: str,
    batch: Annotated[int, Query(ge=0, le=1)] = 0,
    text: Annotated[str, Query(alias="input", max_length=20_000)] = "",
) -> JSONResponse:
    """Run queries; a batch weighs as much as its heaviest procedure."""
    paths = procedures.split(",") if batch else [procedures]
    mark_request(request, Mark(_heaviest(_QUERIES, paths)))
    try:
        inputs = _inputs(text, bool(batch))
        if len(paths) > _MAX_BATCH:
            raise ValueError(f"a batch holds at most {_MAX_BATCH} procedures")
    except (ValueError, RecursionError) as problem:
        answer = _error(procedures[:100], 400, str(problem))
        return JSONResponse([answer] if batch else answer, status_code=400)
    results = [_run(_QUERIES, path, inputs.get(str(n))) for n, path in enumerate(paths)]
    status = max(status for status, _ in results)  # one unknown procedure makes it a 404
    answers = [answer for _, answer in results]
    return JSONResponse(answers if batch else answers[0], status_code=status)


@router.post("/{procedure}")
def mutate(
    request: Request, procedure: str, given: Annotated[dict[str, Any] | None, Body()] = None
) -> JSONResponse:
    """Run one mutation."""
    mark_request(request, Mark(_heaviest(_MUTATIONS, [procedure])))
    status, answer = _run(_MUTATIONS, procedure, given)
    return JSONResponse(answer, status_code=status)
