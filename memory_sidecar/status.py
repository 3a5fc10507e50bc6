"""The sampler's state as one JSON object, for the control server and for metrics."""

from __future__ import annotations

import time
from typing import Any

from memory_sidecar.sampler import Sampler, measure_of, used_bytes

MEMBERS_SHOWN = 50
"""The largest; whoever wants all reads process_samples.csv."""


def status_of(sampler: Sampler, state: str) -> dict[str, Any]:
    """Everything that `client.SidecarStatus` names; sizes in bytes."""
    with sampler.lock:
        latest, counters = sampler.latest, sampler.counters
        return {
            "state": state,
            "phase": sampler.tag.phase,
            "users": sampler.tag.users,
            "ticks": counters.ticks,
            "late_ticks": counters.late,
            "missed_ticks": counters.missed,
            "rss": latest.rss if latest else None,
            "pss": latest.pss if latest else None,
            "used": used_bytes(latest) if latest else None,
            "measure": measure_of(latest) if latest else "rss",
            "peak": sampler.peak,
            "limit": sampler.limit.size_bytes,
            "limit_source": sampler.limit.source,
            "processes": latest.processes if latest else 0,
            "target_alive": sampler.census.target_alive,
            "alerts": counters.alerts,
            "last_alert": sampler.last_alert,
            "disk_refused": sampler.recorder.refused,
            "cpu_seconds": time.process_time(),
            "sources": sampler.sources,
            "pids": [process.pid for process in sampler.tree.members],
            "looking": bool(sampler.inside and sampler.inside.looking),
            "inside_sources": sampler.inside.answering if sampler.inside else [],
            "inside": dict(sampler.inside.latest) if sampler.inside else {},
            "peak_since_load": sampler.peak_since_load,
            "members": [
                {"pid": row.pid, "role": row.role, "name": row.name, "rss": row.rss}
                for row in sorted(sampler.rows, key=lambda row: -(row.rss or 0))[:MEMBERS_SHOWN]
            ],
        }
