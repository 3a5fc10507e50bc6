"""The loop of a sidecar that is a service: until a signal, whatever comes and goes."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

import gevent

from memory_sidecar.cli import TOKEN_VARIABLE
from memory_sidecar.server import start_server, tls_context
from memory_sidecar.service.routes import service_app
from memory_sidecar.service.runs import Runs
from memory_sidecar.watching_served import tell
from rundir import RunClock

LOOK_SECONDS = 1.0
TELL_SECONDS = 10.0


class _Waiting:
    """Says what is waited for: at once, and then every TELL_SECONDS."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told = 0.0

    def say(self, missing: str | None) -> None:
        now = time.monotonic()
        if missing is None:
            if self._since is not None:
                print("the target is there", file=sys.stderr, flush=True)
            self._since = None
            return
        if self._since is None:
            self._since, self._told = now, now - TELL_SECONDS
        if now - self._told >= TELL_SECONDS:
            self._told = now
            waited = now - self._since
            print(f"waiting for the target, {waited:.0f} s: {missing}", file=sys.stderr, flush=True)


def serve_runs(
    options: argparse.Namespace,
    find: Callable[[], int],
    stop_on_signals: Callable[[Callable[[str], None]], None],
) -> int:
    """Serve until a signal. Raises SidecarError where the server cannot start."""
    runs, ending = Runs(options, find), [False]
    clock = options.clock or RunClock.start()
    stop_on_signals(lambda _: ending.__setitem__(0, True))
    context = tls_context(options.tls_cert, options.tls_key) if options.tls_cert else None
    app = service_app(runs, os.environ[TOKEN_VARIABLE], lambda: _clock(runs, clock))
    if context is None and not options.serve.is_loopback:
        print(
            "warning: without --tls-cert the token and all figures travel unencrypted",
            file=sys.stderr,
            flush=True,
        )
    server = start_server(app, options.serve, context)
    url = options.serve.url("https" if context else "http", server.server_port)
    tell({"ready": True, "url": url, "pid": os.getpid()})
    waiting, due = _Waiting(), 0.0
    while not ending[0]:
        if time.monotonic() >= due:
            due = time.monotonic() + LOOK_SECONDS
            waiting.say(runs.follow())
        gevent.sleep(0.05)
    server.stop(timeout=1.0)
    runs.close()
    return 0


def _clock(runs: Runs, otherwise: RunClock) -> RunClock:
    """Of the run that goes on: its files are written by it."""
    return runs.sampler.recorder.clock if runs.name is not None else otherwise
