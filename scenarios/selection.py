"""Which endpoints the users ask, and whether they pause: the whole mix, or a part of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from scenarios.model import Endpoint, Tier
from scenarios.phases import Phase


@dataclass(frozen=True, slots=True)
class Selection:
    """Endpoints of these tiers, or only those named ("METHOD name"); `paced`: with think time."""

    tiers: tuple[Tier, ...] = tuple(Tier)
    endpoints: tuple[str, ...] = ()
    paced: bool = True

    @classmethod
    def of(cls, phase: Phase) -> Selection:
        """What a phase asks for."""
        return cls(phase.tiers, phase.endpoints, phase.paced)

    def chooses(self, endpoint: Endpoint) -> bool:
        """Whether this endpoint is asked."""
        if self.endpoints:
            return endpoint.key in self.endpoints
        return endpoint.tier in self.tiers

    def as_json(self) -> dict[str, Any]:
        """For a message to Locust's workers."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Selection:
        """The same at the worker."""
        tiers = tuple(Tier(name) for name in content["tiers"])
        return cls(tiers, tuple(content["endpoints"]), bool(content["paced"]))


EVERYTHING = Selection()
