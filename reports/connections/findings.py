"""What a run of open connections shows: the record between judging and the renderers."""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]

YES, PARTLY, NO, NOTHING, CANNOT_TELL = "yes", "partly", "no", "nothing", "cannot_tell"
"""Whether what the connections needed comes back; nothing: they needed nothing to speak of."""


@dataclass(frozen=True, slots=True)
class OpenCount:
    """One phase: connections asked for, and open by the target's own descriptors (None: unknown).

    `bytes`: median of the target's memory in the phase's second half.
    """

    phase: str
    asked: int
    open: int | None
    bytes: int | None

    @property
    def lacks(self) -> bool:
        """Fewer were open than asked for."""
        return self.open is not None and self.open < self.asked


@dataclass(frozen=True, slots=True)
class HeldGrowth:
    """What goes on while `connections` are open, in bytes per second and connection.

    `bytes_per_second` with its 95 % interval, None where no growth is shown: then it is below
    `below_bytes_per_second` (97.5 % sure). `reason`: why neither is known.
    """

    seconds: float
    bytes_per_second: float | None = None
    ci95: Interval | None = None
    below_bytes_per_second: float | None = None
    reason: str | None = None
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """What happened when all were closed. `word` is one of the words above.

    `fraction` of what the connections had added came back; `kept_bytes` did not. `still_open`:
    descriptors more than before the first connection. `reason`: why it cannot be told.
    """

    word: str
    fraction: float | None = None
    kept_bytes: int | None = None
    still_open: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Connections:
    """One run. Bytes per open connection with a 95 % interval, or only what they are below.

    `reason`: why neither is known. `held` None: the hold was too short or never came.
    `reconnects`: opened again because the server had closed them; `failed_reconnects` of these.
    """

    kind: str
    path: str
    noun: str
    asked: int
    counts: tuple[OpenCount, ...]
    bytes_per_connection: float | None
    ci95: Interval | None
    below_bytes: float | None
    reason: str | None
    held: HeldGrowth | None
    returned: Returned
    reconnects: int
    failed_reconnects: int
    read_bytes_per_second: float | None
    sentence: str = ""
