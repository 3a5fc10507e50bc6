"""The debug endpoints, apart from any framework: method, path and headers in, an answer out."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from memory_sidecar.probe.environment import TOKEN_VARIABLE, environment_name, is_production

PREFIX = "/api/v1/debug/"
FORBIDDEN, UNAUTHORIZED, NOT_FOUND, WRONG_METHOD = 403, 401, 404, 405


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and an object for JSON."""

    status: int
    content: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The content as it is sent."""
        return json.dumps(self.content).encode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Never stored, never guessed to be a page."""
        return [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`token` None: that of the environment. `environment`, `scheduler_enabled`: what the
    application itself says of them.
    """

    token: str | None = None
    environment: str | None = None
    scheduler_enabled: bool | Callable[[], bool] | None = None

    def answer(self, method: str, path: str, authorization: str) -> Answer:
        """To one request below PREFIX."""
        refused = self._refusal(authorization)
        if refused is not None:
            return refused
        route = ROUTES.get(path.rstrip("/"))
        if route is None:
            return Answer(NOT_FOUND, {"error": "no such endpoint", "known": sorted(ROUTES)})
        wanted, found = route
        if method != wanted:
            return Answer(WRONG_METHOD, {"error": f"expected {wanted}"})
        return Answer(200, found(self))

    def _refusal(self, authorization: str) -> Answer | None:
        if is_production(environment_name(self.environment)):
            return Answer(FORBIDDEN, {"error": "not in production"})
        token = self.token or os.environ.get(TOKEN_VARIABLE)
        if not token:
            return Answer(
                FORBIDDEN,
                {"error": f"no token is set: set {TOKEN_VARIABLE}, or install(app, token=...)"},
            )
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            return Answer(UNAUTHORIZED, {"error": "a bearer token is needed"})
        return None

    def scheduler(self) -> bool | None:
        """Whether background jobs run here; None where nobody said."""
        said = self.scheduler_enabled
        if said is None:
            text = os.environ.get("SCHEDULER_ENABLED", "").strip().lower()
            return text in ("1", "true", "yes", "on") if text else None
        return bool(said()) if callable(said) else said


def _memory(_of: Endpoints) -> dict[str, Any]:
    from memory_sidecar.probe.answers import summary

    return summary()


def _health(of: Endpoints) -> dict[str, Any]:
    from memory_sidecar.probe.answers import shown_usage
    from memory_sidecar.probe.usage import current_usage

    shown = shown_usage(current_usage())
    return {
        "status": "ok",
        "environment": environment_name(of.environment),
        "memory_mb": shown["rss_mb"],
        "memory_percent": shown["percent"],
        "scheduler_enabled": of.scheduler(),
    }


def _collect(_of: Endpoints) -> dict[str, Any]:
    from memory_sidecar.probe.answers import shown_usage
    from memory_sidecar.probe.collecting import collect_and_trim

    done = collect_and_trim()
    freed = done.before.rss_bytes - done.after_gc.rss_bytes
    given_back = done.after_gc.rss_bytes - done.after_trim.rss_bytes
    return {
        "before": shown_usage(done.before),
        "after": shown_usage(done.after_trim),
        "unreachable_objects": done.unreachable_objects,
        "freed_by_gc_mb": round(freed / 2**20, 2),
        "given_back_by_trim_mb": None if done.trimmed is None else round(given_back / 2**20, 2),
    }


ROUTES: dict[str, tuple[str, Callable[[Endpoints], dict[str, Any]]]] = {
    PREFIX + "memory": ("GET", _memory),
    PREFIX + "health": ("GET", _health),
    PREFIX + "memory/collect": ("POST", _collect),
}
