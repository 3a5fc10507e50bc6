"""A WSGI application whose 200 MiB are filled before gunicorn forks its workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

SHARED_BYTES = 200 * 2**20
SHARED = b"\x5a" * SHARED_BYTES


def app(_environ: dict[str, object], answer: Callable[..., object]) -> Iterable[bytes]:
    """Answer 200 to anything."""
    answer("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
