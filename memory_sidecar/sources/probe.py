"""Python processes with a probe inside."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from memory_sidecar.inside.source import GivenBack, NotInside
from memory_sidecar.probe.asking import NoAnswer, ask, has_probe
from rundir import PYTHON_COLUMNS

LOOK_SECONDS = 60.0
SETTLE_SECONDS = 0.3
"""After memory was given back: the kernel's counters are batched per processor."""


class Probe:
    """Asks probes by their sockets. `components`: the map by which traced memory is grouped."""

    name = "probe"
    columns = PYTHON_COLUMNS

    def __init__(self, components: Mapping[str, Sequence[str]] | None = None) -> None:
        self._components = components

    def may_be_asked(self, pid: int) -> bool:
        """Whether it has a socket."""
        return has_probe(pid)

    def attach(self, pid: int) -> str:
        """See that it answers."""
        return f"Python {_ask(pid, 'hello')['python']}"

    def read(self, pid: int) -> Mapping[str, float]:
        """Its counters; the first question switches the timing of pauses on."""
        known = _ask(pid, "counters")
        return {name: value for name, value in known.items() if value is not None}

    def look(self, pid: int) -> dict[str, Any]:
        """Types, large objects, the collector, and what tracing knows where it is on."""
        if self._components is not None:
            # A list of all objects would only make the traces more.
            return {"traced": _ask(pid, "traced", LOOK_SECONDS, components=self._components)}
        found = _ask(pid, "objects", LOOK_SECONDS)
        found["usage"] = _ask(pid, "usage")
        found["collector"] = _ask(pid, "collector", LOOK_SECONDS)
        return found

    def snapshot(self, pid: int, path: Path) -> bool:  # noqa: ARG002
        """Python has none: `look` is what there is."""
        return False

    def give_back(self, pids: Sequence[int], measure: Callable[[], int]) -> GivenBack:
        """Trim, collect, trim: what the first trim frees was free before, the rest was garbage.

        In the order collect, trim, a cycle whose pages malloc keeps would count as slack.
        """
        before = measure()
        trimmed = [_ask(pid, "trim", LOOK_SECONDS)["trimmed"] for pid in pids]
        time.sleep(SETTLE_SECONDS)
        after_trim = measure() if any(one is not None for one in trimmed) else before
        for pid in pids:
            _ask(pid, "collect", LOOK_SECONDS)
            _ask(pid, "trim", LOOK_SECONDS)
        time.sleep(SETTLE_SECONDS)
        return GivenBack(before, max(0, after_trim - measure()), max(0, before - after_trim))

    def detach(self, pid: int) -> None:
        """Switch the timing of pauses off."""
        _ask(pid, "quiet")


def _ask(pid: int, question: str, seconds: float = 2.0, **words: Any) -> dict[str, Any]:
    try:
        return ask(pid, question, seconds, **words)
    except NoAnswer as error:
        raise NotInside(str(error)) from None
