"""Every open connection is an open file of the generator: more than its limit cannot be opened."""

from __future__ import annotations

import sys

from scenarios.errors import UsageError

OWN_FILES = 100
"""What Locust itself has open: libraries, run files, the web UI and its visitors."""


def check_open_files(connections: int) -> None:
    """Raises UsageError above this process's limit on open files, and says how to raise it."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + OWN_FILES
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return
    most = "unlimited" if hard == resource.RLIM_INFINITY else f"{hard}"
    raise UsageError(
        f"CONNECTIONS={connections} needs {needed} open files, this shell allows {soft}: raise it"
        f" with 'ulimit -n {needed}' before make (its hard limit is {most}; the service needs as"
        f" many), or give at most {max(0, soft - OWN_FILES)}"
    )
