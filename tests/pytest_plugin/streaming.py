"""Servers of endless events: `python -m tests.pytest_plugin.streaming PORT KIND`.

`good` lets go of what its clients leave. `keeping` holds a second descriptor of each connection, so
that the kernel never sees it closed. `opening` opens a file for each request and forgets it.
`pooling` opens one for as many requests as there ever were at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio import BaseTransport
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

KEPT: list[object] = []


class KeepingProtocol(H11Protocol):
    """Holds each connection's socket a second time."""

    def connection_made(self, transport: BaseTransport) -> None:
        KEPT.append(transport.get_extra_info("socket").dup())
        super().connection_made(transport)  # type: ignore[arg-type]


class Pool:
    """Files that are used again."""

    def __init__(self) -> None:
        self.free: list[int] = []

    def take(self) -> int:
        return self.free.pop() if self.free else os.open(os.devnull, os.O_RDONLY)


def application(kind: str) -> Starlette:
    """One route, /events."""
    pool = Pool()

    async def ticks() -> AsyncIterator[str]:
        opened = pool.take() if kind in {"opening", "pooling"} else None
        try:
            while True:
                yield ": heartbeat\n\ndata: tick\n\n"
                await asyncio.sleep(0.02)
        finally:
            if opened is not None and kind == "pooling":
                pool.free.append(opened)

    async def events(_: Request) -> StreamingResponse:
        return StreamingResponse(ticks(), media_type="text/event-stream")

    async def once(_: Request) -> StreamingResponse:
        return StreamingResponse(iter(()), media_type="text/event-stream")

    return Starlette(routes=[Route("/events", events), Route("/empty", once)])


def server(port: int, kind: str) -> uvicorn.Server:
    """Not yet running."""
    http = KeepingProtocol if kind == "keeping" else H11Protocol
    return uvicorn.Server(
        uvicorn.Config(application(kind), port=port, http=http, log_level="error")
    )


if __name__ == "__main__":
    server(int(sys.argv[1]), sys.argv[2]).run()
