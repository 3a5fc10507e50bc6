"""What was found of single endpoints and tiers, as frozen records; bytes, None is unknown."""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; within the noise `value` is None and it is `below`.

    The largest of a few has a value, no interval, and none was above `below`. `raw` is the plain
    difference of levels, whatever the noise.
    """

    value: float | None
    interval: Interval | None
    below: float | None
    raw: float

    @property
    def upper(self) -> float:
        """97.5 % of the belief lies below."""
        if self.interval is not None:
            return self.interval[1]
        return self.below if self.below is not None else 0.0

    @property
    def half(self) -> float:
        """How far from `value` the interval reaches; of a bound all of it."""
        if self.value is None or self.interval is None:
            return self.upper
        return max(self.value - self.interval[0], self.interval[1] - self.value)


@dataclass(frozen=True, slots=True)
class Alone:
    """One tier, or one endpoint ("METHOD name"), asked alone.

    `retained`: bytes per request that stay; `transient`: bytes that one request needs while it is
    served (of a tier: its largest request); None where too few were answered. `of_endpoint`:
    requests of each, `failed`: those of them that failed, `single_user`: those of the one user. By
    `kept_bytes` the level moved; at least `once_bytes` of them came at once and not with each
    request. `high_water_bytes`: the highest above the level before, `at_once`: so many requests of
    that size, `unexplained_bytes`: what lies above as many requests as there were users.
    `remainder`: what is left of a tier without those of its endpoints that were seen alone.
    """

    name: str
    tier: str
    endpoint: str | None
    requests: int
    of_endpoint: tuple[tuple[str, int], ...]
    failed: tuple[tuple[str, int], ...]
    single_user: tuple[tuple[str, int], ...]
    seconds: float
    retained: Estimate | None
    transient: Estimate | None
    kept_bytes: float
    once_bytes: float
    high_water_bytes: int | None
    at_once: float | None
    unexplained_bytes: float = 0.0
    remainder: bool = False

    @property
    def failures(self) -> int:
        """Of all its requests."""
        return sum(count for _, count in self.failed)

    def failing(self, name: str) -> float:
        """Share of one endpoint's requests that failed."""
        asked = dict(self.of_endpoint).get(name, 0)
        return dict(self.failed).get(name, 0) / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the parts alone predict for the mix (bytes that stay), and what the mix kept.

    Half widths of 95 % intervals: the wider side of each part's, as if they erred independently.
    `disagreement`: predicted over kept, less 1; None where what was kept is within the noise, or
    came once: `once_bytes`, at least. `high_water_bytes`: the mix's, above the level before it.
    `agrees`: the difference is no more than both intervals leave room for; None: not compared.
    """

    requests: int
    predicted_bytes: float
    predicted_half_bytes: float
    kept_bytes: float
    kept_half_bytes: float
    once_bytes: float
    disagreement: float | None
    high_water_bytes: int | None
    parts: tuple[tuple[str, float], ...]
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """An attribution run: tiers and endpoints alone, and the check against the mix.

    `idle_bytes_per_second`: what grows without any request, and was taken out; None: nothing does.
    `lost`: parts that have no level before or after them; `unreached`: those that were planned and
    not completed; `ended`: those in which a process of the target ended, the mix among them.
    `rest_of_tiers`: what is left of tiers of which some endpoints were seen alone.
    """

    tiers: tuple[Alone, ...]
    endpoints: tuple[Alone, ...]
    prediction: Prediction | None
    idle_bytes_per_second: float | None
    sentences: tuple[str, ...]
    lost: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    rest_of_tiers: tuple[Alone, ...] = ()

    @property
    def rows(self) -> tuple[Alone, ...]:
        """All that is shown: endpoints first, what is left of tiers, then the tiers."""
        return (*self.endpoints, *self.rest_of_tiers, *self.tiers)
