"""The endpoints as ASGI middleware."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from memory_sidecar.probe.endpoints import PREFIX, Answer, Endpoints
from memory_sidecar.probe.listening import start

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class ProbeMiddleware:
    """Answers below PREFIX, hands everything else on."""

    def __init__(self, app: App, endpoints: Endpoints | None = None) -> None:
        self._app = app
        self._endpoints = endpoints or Endpoints()
        start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        given = dict(scope.get("headers") or ()).get(b"authorization", b"").decode("latin-1")
        # A walk over all objects takes its time, and others are being served.
        loop = asyncio.get_running_loop()
        found: Answer = await loop.run_in_executor(
            None, self._endpoints.answer, scope["method"], scope["path"], given
        )
        headers = [(name.lower().encode(), value.encode()) for name, value in found.headers]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": found.body})
