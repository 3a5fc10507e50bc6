"""The demo service itself: ``demo.app:app``."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import psutil
from fastapi import FastAPI

from demo import options, stocks, trpc
from demo.events import Broker, events_router
from demo.misbehaviour import Misbehaviour, MisbehaviourMiddleware
from demo.nightly import nightly_job, run_every
from demo.options import chain
from demo.strategies import strategies_router
from demo.study import study_router
from demo.switches import Switches, switches_or_exit
from demo.tiers import LIGHT, SPARED

_REFRESH_SECONDS = 2.0


async def _refresh_chain(app: FastAPI) -> None:
    while True:
        app.state.latest_chain = await asyncio.to_thread(chain, "SPY")
        await asyncio.sleep(_REFRESH_SECONDS)


async def _end_idle_sessions(misbehaviour: Misbehaviour) -> None:
    while True:
        await asyncio.sleep(1.0)
        misbehaviour.sessions.end_idle()


def _add_service_routes(
    app: FastAPI, switches: Switches, misbehaviour: Misbehaviour, broker: Broker
) -> None:
    @app.get("/health", dependencies=[SPARED])
    async def health() -> dict[str, str]:
        """Say that the service is up; never made to fail or slow."""
        return {"status": "ok"}

    @app.get("/", dependencies=[LIGHT])
    async def info() -> dict[str, str]:
        """Say what this service is."""
        return {"service": "plimsoll demo", "docs": "/docs", "switches": "/demo/switches"}

    @app.get("/api/v1/debug/health", dependencies=[LIGHT])
    async def debug_health() -> dict[str, Any]:
        """Return the worker's own view of its memory: MiB, and percent of the machine's."""
        me = psutil.Process()
        return {
            "status": "ok",
            "environment": "demo",
            "memory_mb": round(me.memory_info().rss / 2**20, 2),
            "memory_percent": round(me.memory_percent(), 3),
            "scheduler_enabled": switches.scheduler,
        }

    @app.get("/demo/switches")
    async def show_switches() -> dict[str, Any]:
        """Show the switches and the counters of the worker that answers."""
        exact = {
            name: float(getattr(switches, name)) for name in ("error_rate", "events_per_second")
        }
        counters = {**misbehaviour.counters(), **broker.counters()}
        return {"pid": os.getpid(), "switches": asdict(switches) | exact, "counters": counters}


def create_app(switches: Switches) -> FastAPI:
    """Return a demo service that behaves as the switches say."""
    misbehaviour = Misbehaviour(switches)
    broker = Broker(switches)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_refresh_chain(app))] if switches.scheduler else []
        if switches.user_mib:
            tasks.append(asyncio.create_task(_end_idle_sessions(misbehaviour)))
        if switches.job_seconds:
            job = nightly_job(closes=switches.job_closes_session, decorator=switches.job_decorator)
            tasks.append(asyncio.create_task(run_every(switches.job_seconds, job)))
        yield
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        misbehaviour.close()

    app = FastAPI(title="Plimsoll demo service", lifespan=lifespan)
    app.add_middleware(MisbehaviourMiddleware, misbehaviour=misbehaviour)
    _add_service_routes(app, switches, misbehaviour, broker)
    app.include_router(stocks.router)
    app.include_router(options.router)
    app.include_router(strategies_router(cached=switches.strategy_cache))
    app.include_router(study_router(switches.ai_seconds))
    app.include_router(trpc.router)
    app.include_router(events_router(broker))
    return app


app = create_app(switches_or_exit())
