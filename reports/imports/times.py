"""CPython's -X importtime: lines on stderr -> milliseconds by module."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# "import time:       187 |       1234 |   package.module", microseconds (Python/import.c). Anything
# may stand before it on the line: other threads write there, too.
LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)\s*$")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds; of a module that was tried several times, all of them."""

    own_ms: float
    cumulative_ms: float


def import_times(lines: Iterable[str]) -> Mapping[str, Times]:
    """By module; lines that are something else are left alone."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for line in lines:
        found = LINE.search(line)
        if found:
            for place in (0, 1):
                sums[found[3]][place] += int(found[place + 1]) / 1000
    return {name: Times(own, cumulative) for name, (own, cumulative) in sums.items()}
