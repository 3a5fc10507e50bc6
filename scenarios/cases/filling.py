"""What the first run's report advises, put into the switches of the second run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scenarios.errors import UsageError

PLACE = re.compile(r"\{(\w+)\}")


def filled(env: Mapping[str, str], advised: Mapping[str, int | None]) -> dict[str, str]:
    """`env` with each `{name}` replaced. Raises UsageError for a figure that is not advised."""

    def figure(found: re.Match[str]) -> str:
        value = advised.get(found[1])
        if value is None:
            raise UsageError(
                f"the report of the first run advises no {found[1]}, which the second one needs:"
                " see its sizing, and give the case a longer load or another memory_limit"
            )
        return str(value)

    return {name: PLACE.sub(figure, text) for name, text in env.items()}


def places_of(env: Mapping[str, str]) -> frozenset[str]:
    """The names of all figures that are to be filled in."""
    return frozenset(place for text in env.values() for place in PLACE.findall(text))


def check_places(env: Mapping[str, str], known: Mapping[str, int], where: str) -> None:
    """Raises UsageError that begins with `where` for a `{name}` that nothing fills."""
    for name, text in env.items():
        for place in PLACE.findall(text):
            if place not in known:
                expected = ", ".join(f"{{{one}}}" for one in known) or "none here"
                raise UsageError(f"{where}: key '{name}': '{{{place}}}' is not known; {expected}")
