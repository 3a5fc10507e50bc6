"""The questions that a probe answers, by name; each answer is an object for JSON."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from memory_sidecar.probe.usage import Usage, current_usage

MIB = 2**20
TYPES_TOLD = 300
"""More than are shown: a type that is small now may be what has grown in the next look."""


def _usage(_words: Mapping[str, Any]) -> dict[str, Any]:
    return asdict(current_usage())


def _counters(_words: Mapping[str, Any]) -> dict[str, Any]:
    """What is cheap enough for every second; from the first question on, pauses are timed."""
    from memory_sidecar.probe.collecting import PAUSES, heap_sizes

    PAUSES.switch_on()
    runs = [int(one["collections"]) for one in gc.get_stats()]
    return {
        **heap_sizes(),
        "python_blocks": sys.getallocatedblocks(),
        "gc_minor": sum(runs[:-1]),
        "gc_major": runs[-1],
        "gc_seconds": PAUSES.seconds,
        "gc_longest": PAUSES.longest_since(),
    }


def _quiet(_words: Mapping[str, Any]) -> dict[str, Any]:
    from memory_sidecar.probe.collecting import PAUSES

    PAUSES.switch_off()
    return {}


def _objects(_words: Mapping[str, Any]) -> dict[str, Any]:
    from memory_sidecar.probe.objects import breakdown

    return asdict(breakdown(types=TYPES_TOLD))


def _collector(_words: Mapping[str, Any]) -> dict[str, Any]:
    from memory_sidecar.probe.collecting import gc_facts

    return asdict(gc_facts())


def _collect(_words: Mapping[str, Any]) -> dict[str, Any]:
    return {"unreachable_objects": gc.collect()}


def _trim(_words: Mapping[str, Any]) -> dict[str, Any]:
    from memory_sidecar.probe.collecting import trim

    return {"trimmed": trim()}


def _traced(words: Mapping[str, Any]) -> dict[str, Any]:
    from memory_sidecar.probe.tracing import start_tracing, traced

    start_tracing()
    found = traced(words.get("components") or {})
    return {} if found is None else asdict(found)


def _hello(_words: Mapping[str, Any]) -> dict[str, Any]:
    return {"pid": os.getpid(), "python": sys.version.split()[0]}


QUESTIONS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "hello": _hello,
    "usage": _usage,
    "counters": _counters,
    "quiet": _quiet,
    "objects": _objects,
    "collector": _collector,
    "collect": _collect,
    "trim": _trim,
    "traced": _traced,
    "summary": lambda _words: summary(),
}


def summary() -> dict[str, Any]:
    """Usage, objects and the collector, under the names that people know from such endpoints.

    Sizes in MiB there, as those names say, and in bytes where they do.
    """
    from memory_sidecar.probe.collecting import gc_facts
    from memory_sidecar.probe.objects import breakdown

    usage, found, collector = current_usage(), breakdown(), gc_facts()
    return {
        "current_usage": shown_usage(usage),
        "top_objects": [
            {
                "type": one.type,
                "count": one.count,
                "avg_size_bytes": round(one.size_bytes / one.count, 1) if one.count else 0.0,
                "total_size_bytes": one.size_bytes,
            }
            for one in found.types
        ],
        "large_objects": [
            {"type": one.type, "size_mb": round(one.size_bytes / MIB, 2), "repr": one.repr}
            for one in found.large
        ],
        "gc_stats": {
            "collections": collector.collections,
            "threshold": collector.threshold,
            "tracked_objects": collector.tracked_objects,
            "counts": collector.count,
            "collected": collector.collected,
            "uncollectable": collector.uncollectable,
            "enabled": collector.enabled,
            "pause_seconds": collector.seconds,
        },
        "explained": {
            "objects": found.objects,
            "explained_mb": round(found.explained_bytes / MIB, 2),
            "of_rss_mb": round(usage.rss_bytes / MIB, 2),
            "complete": found.complete,
        },
    }


def shown_usage(usage: Usage) -> dict[str, float | None]:
    """In MiB and percent."""
    return {
        "rss_mb": _mib(usage.rss_bytes),
        "vms_mb": _mib(usage.vms_bytes),
        "percent": None if usage.percent is None else round(usage.percent, 3),
        "available_mb": _mib(usage.available_bytes),
        "total_mb": _mib(usage.total_bytes),
    }


def _mib(size: int | None) -> float | None:
    return None if size is None else round(size / MIB, 2)
