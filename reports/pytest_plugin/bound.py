"""What a test allows: growth with each call, or so many items and bytes."""

from __future__ import annotations

from dataclasses import dataclass

from reports.errors import UsageError

KIB = 1024


@dataclass(frozen=True, slots=True)
class Bound:
    """`growth_kib_per_call` KiB may stay of each of `calls` calls, after `warm_up` uncounted ones.

    Raises UsageError for figures that bound nothing.
    """

    growth_kib_per_call: float = 1.0
    calls: int = 200
    warm_up: int = 20

    def __post_init__(self) -> None:
        _whole("calls", self.calls, least=1)
        _whole("warm_up", self.warm_up, least=0)
        growth = self.growth_kib_per_call
        if isinstance(growth, bool) or not isinstance(growth, int | float) or not growth >= 0:
            raise UsageError(
                f"memory_bound: growth_kib_per_call is {growth!r}; give KiB, 0 or more"
            )

    @property
    def limit_bytes_per_call(self) -> float:
        return self.growth_kib_per_call * KIB


@dataclass(frozen=True, slots=True)
class CacheBound:
    """So many items and bytes may be held while `fill` is called with `calls` different numbers."""

    max_items: int
    max_bytes: float
    calls: int

    def __post_init__(self) -> None:
        for name in ("max_items", "max_bytes", "calls"):
            if not getattr(self, name) > 0:
                raise UsageError(
                    f"bounded_cache: {name} is {getattr(self, name)!r}; give more than 0"
                )


def bound_of(arguments: tuple[object, ...], named: dict[str, object]) -> Bound:
    """The bound that a marker names. Raises UsageError for what it does not know."""
    known = Bound.__dataclass_fields__
    unknown = [repr(value) for value in arguments] + sorted(named.keys() - known.keys())
    if unknown:
        raise UsageError(
            f"memory_bound: does not know {', '.join(unknown)}; it takes {', '.join(known)} by name"
        )
    return Bound(**named)  # type: ignore[arg-type]  # each is checked by Bound itself


def _whole(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"memory_bound: {name} is {value!r}; give a whole number from {least} up")
