"""What runs inside a Python service and says what its memory is. Standard library alone.

It does nothing until it is asked: one thread waits on a socket that only the same user (and root)
can open; the debug endpoints look at one prefix of the path.

    from memory_sidecar.probe import install
    app = install(app)                       # FastAPI, Starlette, Flask, Django, any ASGI or WSGI

    python -m memory_sidecar.probe run -- uvicorn app:app      # or without a line in the code
"""

from __future__ import annotations

from typing import Any

__all__ = ["current_usage", "install", "log_job_memory", "start", "summary"]

_PLACES = {
    "current_usage": "usage",
    "install": "installing",
    "log_job_memory": "jobs",
    "start": "listening",
    "summary": "answers",
}


def __getattr__(name: str) -> Any:
    """Each name is imported when it is used first: a start costs next to nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
