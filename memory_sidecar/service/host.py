"""What the machine is that a sidecar runs on."""

from __future__ import annotations

import os
import platform
import socket
from pathlib import Path
from typing import Any


def host_facts(mem_total_bytes: int) -> dict[str, Any]:
    """As in run.json; `boot_id` says which containers are on one machine (None: not Linux)."""
    return {
        "boot_id": _boot_id(),
        "hostname": socket.gethostname(),
        "platform": platform.platform(),
        "kernel": platform.release(),
        "mem_total_bytes": mem_total_bytes,
        "cpus": os.cpu_count(),
    }


def _boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
