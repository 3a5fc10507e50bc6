"""`python -m memory_sidecar`: the only place that turns errors into exit codes."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from memory_sidecar.cli import check, parser
from memory_sidecar.discovery import find_by_name, find_by_pid, find_by_port
from memory_sidecar.errors import SidecarError

if TYPE_CHECKING:
    from memory_sidecar.watch import Watch


def main() -> int:
    """Parse, watch, end."""
    options = parser().parse_args()
    try:
        check(options)
        return watch(options)
    except SidecarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def watch(options: argparse.Namespace) -> int:
    """Find the target and sample it to the end. Raises SidecarError. Returns the exit code."""
    if options.remote:
        from memory_sidecar.service.serving import serve_runs

        return serve_runs(options, lambda: _find(options), _call_on_signals)
    pid = _find(options)
    if options.serve is None:
        # By hand no web framework is loaded, and bad input is told at once.
        from memory_sidecar.watching_alone import watch_alone

        return watch_alone(options, pid, _stop_on_signals)
    from memory_sidecar.watching_served import watch_served

    return watch_served(options, pid, _stop_on_signals)


def _stop_on_signals(run: Watch) -> None:
    _call_on_signals(run.stop)


def _call_on_signals(stop: Callable[[str], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop("interrupted"))


def _find(options: argparse.Namespace) -> int:
    if options.pid is not None:
        return find_by_pid(options.pid)
    if options.port is not None:
        return find_by_port(options.port)
    return find_by_name(options.name)


if __name__ == "__main__":
    sys.exit(main())
