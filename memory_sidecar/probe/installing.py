"""`install(app)`: one line for any ASGI or WSGI application."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from memory_sidecar.probe import asgi, wsgi
from memory_sidecar.probe.endpoints import Endpoints


def install(
    app: Any,
    *,
    token: str | None = None,
    environment: str | None = None,
    scheduler_enabled: bool | Callable[[], bool] | None = None,
) -> Any:
    """Add the debug endpoints and the probe's socket; returns the application to serve.

    FastAPI, Starlette and Flask get a middleware and are returned as they are; of any other ASGI
    or WSGI callable (Django's `application`) a wrapped one is returned. `token`: else
    PLIMSOLL_PROBE_TOKEN; without any the endpoints answer 403. `environment`: "production" closes
    them, whatever the variables say. Raises TypeError for what is no application.
    """
    endpoints = Endpoints(token, environment, scheduler_enabled)
    if callable(getattr(app, "add_middleware", None)) and hasattr(app, "router"):
        app.add_middleware(asgi.ProbeMiddleware, endpoints=endpoints)
        _listen()
        return app
    if callable(getattr(app, "wsgi_app", None)):
        app.wsgi_app = wsgi.ProbeMiddleware(app.wsgi_app, endpoints)
        return app
    if not callable(app):
        raise TypeError(
            f"install() got a {type(app).__name__}: give it the application, such as FastAPI(),"
            " Flask(...) or Django's get_asgi_application()"
        )
    kind = asgi.ProbeMiddleware if _is_asgi(app) else wsgi.ProbeMiddleware
    return kind(app, endpoints)


def _listen() -> None:
    # Starlette makes its middleware with the first request only.
    from memory_sidecar.probe.listening import start

    start()


def _is_asgi(app: Any) -> bool:
    """An async callable of three; anything else is WSGI (PEP 3333, ASGI 3)."""
    for one in (app, type(app).__call__ if not inspect.isfunction(app) else app):
        if inspect.iscoroutinefunction(one):
            return True
    return False
