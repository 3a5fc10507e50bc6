"""Four descriptors stay open for each process of the target; the usual soft limit is 1,024."""

from __future__ import annotations

import contextlib
import sys


def allow_descriptors() -> None:
    """Raise the soft limit on open files to the hard one; a refusal leaves it as it is."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
