"""What a command of the harness ends with: its own code, or that of what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable

from scenarios.errors import UsageError

INTERRUPTED = 130


def exit_code(action: Callable[[], int], interrupted: str) -> int:
    """The action's, 2 for bad input (one line on stderr), 130 for Ctrl-C (with these words)."""
    try:
        return action()
    except UsageError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return INTERRUPTED
