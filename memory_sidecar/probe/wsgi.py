"""The endpoints as WSGI middleware."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from memory_sidecar.probe.endpoints import PREFIX, Endpoints
from memory_sidecar.probe.listening import start

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ProbeMiddleware:
    """Answers below PREFIX, hands everything else on."""

    def __init__(self, app: App, endpoints: Endpoints | None = None) -> None:
        self._app = app
        self._endpoints = endpoints or Endpoints()
        start()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO") or ""
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        given = str(environ.get("HTTP_AUTHORIZATION") or "")
        found = self._endpoints.answer(str(environ["REQUEST_METHOD"]), path, given)
        start_response(f"{found.status} {HTTPStatus(found.status).phrase}", found.headers)
        return [found.body]
