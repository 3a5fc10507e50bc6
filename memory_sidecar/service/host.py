"""What the machine is that a sidecar runs on."""

from __future__ import annotations

import os
import platform
import socket
from typing import Any


def host_facts(mem_total_bytes: int) -> dict[str, Any]:
    """As in run.json."""
    return {
        "hostname": socket.gethostname(),
        "platform": platform.platform(),
        "kernel": platform.release(),
        "mem_total_bytes": mem_total_bytes,
        "cpus": os.cpu_count(),
    }
