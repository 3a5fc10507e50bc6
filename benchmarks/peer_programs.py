"""The peers' programs, installed on demand into an environment of their own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

LOCK = Path(__file__).parent / "requirements-peers.lock"
ENVIRONMENT = Path(__file__).resolve().parent.parent / ".venv-peers"


def peer_program(name: str) -> str:
    """The path of one of the peers' commands; installs them all at the first call.

    Raises SystemExit where they cannot be installed.
    """
    mark = ENVIRONMENT / ".installed"
    wanted = LOCK.read_text()
    if not mark.exists() or mark.read_text() != wanted:
        _install()
        mark.write_text(wanted)
    return str(ENVIRONMENT / "bin" / name)


def _install() -> None:
    print(f"installing the peers into {ENVIRONMENT.name} (once)", file=sys.stderr)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    done = subprocess.run([ENVIRONMENT / "bin" / "python", *words, "-r", LOCK], check=False)
    if done.returncode:
        raise SystemExit(f"error: pip could not install {LOCK.name}; its words are above")
