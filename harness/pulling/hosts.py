"""The machines that the targets of a run are on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def different_hosts(targets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each machine once; containers on one have names of their own, but booted together."""
    hosts: dict[Any, dict[str, Any]] = {}
    for target in targets:
        host = target.get("host") or {}
        hosts.setdefault(host.get("boot_id") or host.get("hostname"), host)
    return list(hosts.values())


def hosts_bytes(targets: Iterable[dict[str, Any]]) -> int | None:
    """Memory of all of them together; None where one of them is unknown."""
    found = [host.get("mem_total_bytes") for host in different_hosts(targets)]
    sizes = [size for size in found if isinstance(size, int)]
    return sum(sizes) if sizes and len(sizes) == len(found) else None
