"""Node sizes its heap by the machine, not by the limit: a flag in addition keeps it inside."""

from __future__ import annotations

from pathlib import Path

from harness.limits.way import Environment, HardLimit

PROGRAMS = ("node", "nodejs", "npm", "npx", "next", "yarn", "pnpm", "tsx", "ts-node")
HEAP_FRACTION = 0.75
"""Of the limit for the old generation; the rest is for the young one, buffers, code and stacks."""

MIB = 2**20


def runs_node(command: tuple[str, ...]) -> bool:
    """By the program's name."""
    return bool(command) and Path(command[0]).name in PROGRAMS


def with_heap_flag(environment: Environment, limit: HardLimit) -> dict[str, str]:
    """NODE_OPTIONS with a heap size for the limit, unless one is set already."""
    options = environment.get("NODE_OPTIONS", "")
    if "max-old-space-size" in options:
        return dict(environment)
    flag = f"--max-old-space-size={max(16, int(HEAP_FRACTION * limit.size_bytes / MIB))}"
    return {**environment, "NODE_OPTIONS": f"{options} {flag}".strip()}
