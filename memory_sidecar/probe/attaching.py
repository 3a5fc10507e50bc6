"""Start the probe in a process that runs already: Python 3.14's sys.remote_exec (PEP 768)."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from memory_sidecar.probe.asking import NoAnswer, ask

SECONDS = 5.0
ROOT = Path(__file__).resolve().parents[2]


def attach(pid: int) -> None:
    """Have it start its probe, and wait until that answers. Raises NoAnswer with what to do.

    Both sides need the same Python, 3.14 or later, and this one the right to trace the other.
    """
    execute = getattr(sys, "remote_exec", None)
    if execute is None:
        raise NoAnswer(
            f"Python {sys.version_info.major}.{sys.version_info.minor} cannot attach to a running"
            " process (3.14 can): start it with `python -m memory_sidecar.probe run -- COMMAND`, or"
            " add install(app) to it"
        )
    script = (
        f"import sys; sys.path.append({str(ROOT)!r})\n"
        "from memory_sidecar.probe.listening import start; start()\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "start_probe.py"
        path.write_text(script, encoding="utf-8")
        # The process reads it as its own user.
        Path(folder).chmod(0o755)
        try:
            execute(pid, str(path))
        except (OSError, RuntimeError, PermissionError) as error:
            raise NoAnswer(f"process {pid} cannot be attached to: {error}") from None
        _wait(pid)


def _wait(pid: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            ask(pid, "hello")
        except NoAnswer:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
