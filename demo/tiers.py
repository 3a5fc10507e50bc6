"""How a route declares its weight, and how the middleware learns of it."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

_KEY = "demo.mark"


class Tier(StrEnum):
    """What a request costs: light < 1 ms, medium a few ms, heavy up to about 25 ms of CPU."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


@dataclass(frozen=True)
class Mark:
    """The tier of one request; a spared one is never made to fail or slow."""

    tier: Tier
    spared: bool = False


class Slot:
    """The place in the ASGI scope where the route leaves its mark for the middleware.

    Routers may copy the scope; a copy still holds this same object, which is why the mark is not
    written into the scope itself.
    """

    def __init__(self) -> None:
        self.mark: Mark | None = None


def open_slot(scope: MutableMapping[str, Any]) -> Slot:
    """Put an empty slot into the ASGI scope and return it."""
    slot = Slot()
    scope[_KEY] = slot
    return slot


def mark_request(request: Request, mark: Mark) -> None:
    """Leave the mark of this request for the middleware."""
    slot = request.scope.get(_KEY)
    if isinstance(slot, Slot):
        slot.mark = mark


def declare(tier: Tier, *, spared: bool = False) -> Dependency:
    """Return the route dependency that declares the route's tier."""
    mark = Mark(tier, spared)

    # async although it awaits nothing: a plain function would cost a trip to the thread pool
    async def leave_mark(request: Request) -> None:
        mark_request(request, mark)

    dependency: Dependency = Depends(leave_mark)
    return dependency


LIGHT = declare(Tier.LIGHT)
MEDIUM = declare(Tier.MEDIUM)
HEAVY = declare(Tier.HEAVY)
SPARED = declare(Tier.LIGHT, spared=True)
