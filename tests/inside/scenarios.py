"""Scenario files for the targets of these tests."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

TOML = """
name = "{name}"
[target]
base_url = "http://127.0.0.1:0"
command = {command}
health = "{health}"
[target.env]
{env}
[weights]
light = 60
medium = 0
heavy = 40
[[endpoints]]
path = "{health}"
tier = "light"
[[endpoints]]
path = "{heavy}"
tier = "heavy"
{more}
"""


def uvicorn(app: str) -> list[str]:
    """The command of an application in this repository."""
    return [sys.executable, "-m", "uvicorn", app, "--port", "{port}", "--no-access-log"]


def scenario(
    folder: Path,
    command: Sequence[str],
    *,
    health: str = "/",
    heavy: str = "/hoard",
    env: dict[str, str] | None = None,
    more: str = "",
) -> Path:
    """Write it; `more` is TOML at the end."""
    path = folder / "inside.toml"
    lines = "\n".join(f'{name} = "{value}"' for name, value in (env or {}).items())
    path.write_text(
        TOML.format(
            name="inside", command=list(command), health=health, heavy=heavy, env=lines, more=more
        ),
        encoding="utf-8",
    )
    return path
