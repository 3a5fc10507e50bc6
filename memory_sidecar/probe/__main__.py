"""`python -m memory_sidecar.probe`: run a command with a probe, attach one, or ask one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from memory_sidecar.probe.asking import NoAnswer, ask
from memory_sidecar.probe.running import added

EXAMPLES = """\
examples:
  python -m memory_sidecar.probe run -- uvicorn app:app --port 8000     no line of code is changed
  python -m memory_sidecar.probe run -- gunicorn -w 2 --preload app:app  workers are included
  python -m memory_sidecar.probe ask 1234 summary                        usage, objects, collector
  python -m memory_sidecar.probe attach 1234                             Python 3.14: a running one

The probe listens on a socket that only the same user (and root) can open, and does nothing until
it is asked. It stays silent where ENVIRONMENT, APP_ENV or the like says production.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code; `run` does not return, the command takes this process's place."""
    parser = argparse.ArgumentParser(
        prog="python -m memory_sidecar.probe",
        description="Ask a Python service what its memory is.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="run|ask|attach")
    run = actions.add_parser("run", help="run a command whose Python processes have a probe")
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ...")
    asking = actions.add_parser("ask", help="ask the probe of a process, answer as JSON")
    asking.add_argument("pid", type=int)
    asking.add_argument(
        "question", nargs="?", default="summary", help="summary, usage, objects, collector, collect"
    )
    attaching = actions.add_parser("attach", help="start a probe in a running process (3.14)")
    attaching.add_argument("pid", type=int)
    options = parser.parse_args(arguments)
    try:
        return ACTIONS[options.action](options)
    except NoAnswer as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise NoAnswer("run: say which command: run -- uvicorn app:app")
    try:
        os.execvpe(command[0], command, {**os.environ, **added(os.environ)})  # noqa: S606
    except OSError as error:
        raise NoAnswer(f"run: '{command[0]}' cannot be started: {error.strerror}") from None


def _ask(options: argparse.Namespace) -> int:
    print(json.dumps(ask(options.pid, options.question, seconds=30.0), indent=2))
    return 0


def _attach(options: argparse.Namespace) -> int:
    from memory_sidecar.probe.attaching import attach

    attach(options.pid)
    print(f"the probe of process {options.pid} answers")
    return 0


ACTIONS: dict[str, Callable[[Any], int]] = {"run": _run, "ask": _ask, "attach": _attach}

if __name__ == "__main__":
    sys.exit(main())
