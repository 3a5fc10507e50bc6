"""What is true of a run, written down before any verdict looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from reports.verdicts.trace import Trace


@dataclass(frozen=True, slots=True)
class Truth:
    """`kind` is a verdict's name; `bytes_per_request` the leak per request to the target (0: none).

    `decidable`: a leak, or a cache, is large enough for its run to be seen; what that means is
    written where the truth is made. `rate_known` is false where growth has no single rate;
    `known_to` so many bytes per request it is known. `pid` of the process that leaks, where it is
    one of several.
    """

    kind: str
    bytes_per_request: float = 0.0
    decidable: bool = True
    rate_known: bool = True
    known_to: float = 0.0
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the corpus."""

    family: str
    name: str
    truth: Truth
    trace: Trace
