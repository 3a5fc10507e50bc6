"""A watch with a control server, for an owner: phases come in, alerts go out at once."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gevent

from memory_sidecar.alerts import Alert
from memory_sidecar.cli import TOKEN_VARIABLE
from memory_sidecar.server import control_app, start_server
from memory_sidecar.watch import Watch


def watch_served(
    options: argparse.Namespace, pid: int, stop_on_signals: Callable[[Watch], None]
) -> int:
    """Serve until a stop, a signal or the owner's end. Raises SidecarError."""
    token = os.environ[TOKEN_VARIABLE]
    run = Watch(options, pid, _tell_alert)
    stop_on_signals(run)
    if options.owned:
        threading.Thread(target=_hold_lifeline, args=(run,), daemon=True).start()
    server = start_server(control_app(run, token), options.serve)
    # Before the first tick, which may have an alert to tell.
    tell({"ready": True, "url": options.serve.url("http", server.server_port), "pid": os.getpid()})
    run.start()
    ends = None if options.duration is None else time.monotonic() + options.duration
    while not run.stopping:
        gevent.sleep(0.05)
        if ends is not None and time.monotonic() >= ends:
            run.stop("completed")
    # The answer to the stop itself is still on its way.
    server.stop(timeout=1.0)
    return run.finish()


def tell(words: dict[str, Any]) -> None:
    """One JSON line for the owner; an owner that is gone is noticed by the lifeline."""
    with contextlib.suppress(OSError):
        os.write(1, (json.dumps(words) + "\n").encode())


def _tell_alert(alert: Alert) -> None:
    tell({"alert": {**asdict(alert), "text": alert.text}})


def _hold_lifeline(run: Watch) -> None:
    while os.read(0, 4096):
        pass
    if not run.stopping:
        run.recorder.event("generator_lost", reason="the owner went away without a stop")
        run.stop("generator_lost")
