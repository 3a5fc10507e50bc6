"""The services' programs, installed on demand into environments of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = ROOT / ".venv-services"
NODE = ROOT / ".node-services"


def python_program(name: str) -> str:
    """The path of a Python service's command. Raises subprocess.CalledProcessError."""
    path = PYTHON / "bin" / name
    if not path.exists():
        print(f"installing services into {PYTHON.name} (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON)], check=True)
        words = [str(PYTHON / "bin/python"), "-m", "pip", "install", "--quiet"]
        words += ["--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*words, "-r", str(HERE / "requirements.lock")], check=True)
    return str(path)


def node_script(package: str, script: str) -> tuple[str, str] | None:
    """`node` and the script of an npm package; None without npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    path = NODE / "node_modules" / package / script
    if not path.exists():
        print(f"installing services into {NODE.name} (once)", file=sys.stderr)
        NODE.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, NODE / name)
        subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=NODE, check=True)
    return node, str(path)
