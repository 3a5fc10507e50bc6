"""Mixed runs of which it is known what each endpoint keeps: rates that vary, memory that is noisy.

The truth is written first: `Mix.kept_bytes`. Requests are counted second by second as Locust does;
memory follows the same requests within each second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from random import Random

import numpy as np

from reports.endpoint_seconds import EndpointSeconds
from reports.findings import MemoryVerdict, Recovery
from reports.verdicts.memory import memory_verdict
from reports.verdicts.recovery import recovery
from reports.verdicts.thresholds import Thresholds
from reports.verdicts.trace import Array, Stage, Trace
from scenarios.deck import deal
from tests.corpus.noise import Noise, pages

KIB, MIB = 1024, 1024 * 1024
BASELINE, COOLDOWN, RAMP = 10.0, 10.0, 3.0
Rate = Callable[[Array], Array]


def wave(mean: float, swings: float, phase: float, depth: float = 0.8) -> Rate:
    """Requests per second that swing so many times in a load (its time runs from 0 to 1)."""
    return lambda at: mean * (1 + depth * np.sin(2 * np.pi * (swings * at + phase)))


def wandering(mean: float, rng: np.random.Generator) -> Rate:
    """A rate that changes a dozen times in a load, by up to three times, for no reason."""
    levels = mean * np.exp(rng.uniform(-0.55, 0.55, 12))
    return lambda at: np.asarray(levels[np.minimum((12 * at).astype(int), 11)])


@dataclass(frozen=True, slots=True)
class Mix:
    """Endpoints by name: their rates, and bytes that each of their requests keeps.

    `cached`: bytes of an endpoint's cache, and the requests in which two thirds of it fill.
    `beside`: bytes that come with time, from 0 to 1 over the load.
    """

    rates: dict[str, Rate]
    kept_bytes: dict[str, float] = field(default_factory=dict)
    cached: dict[str, tuple[float, float]] = field(default_factory=dict)
    load_seconds: float = 120.0
    sigma_bytes: float = 0.4 * MIB
    noise_seconds: float = 2.0
    beside: Rate = np.zeros_like
    users: tuple[int, ...] = (20,)
    user_bytes: float = 0.0

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Baseline, one load for each number of users, cooldown."""
        found = [Stage("baseline", 0.0, BASELINE, 0.0, 0, False)]
        for users in self.users:
            start = found[-1].end
            end = start + self.load_seconds / len(self.users)
            found.append(Stage(f"load-{users}", start, end, start + RAMP, users, True))
        end = found[-1].end
        return (*found, Stage("cooldown", end, end + COOLDOWN, end, 0, False))

    def counted(self, seed: int) -> EndpointSeconds:
        """Requests of each second, drawn around the rate (Poisson)."""
        rng = np.random.default_rng([seed, 1])
        at = np.arange(int(self.stages[-1].end)) + 0.5
        part = (at - BASELINE) / self.load_seconds
        loaded = (part >= 0) & (part < 1)
        top = max(self.users)
        share = np.select(
            [(at >= s.start) & (at < s.end) for s in self.stages],
            [(s.users or 0) / top for s in self.stages],
        )
        counts = [
            rng.poisson(np.where(loaded, share * rate(np.clip(part, 0, 0.999)), 0))
            for rate in self.rates.values()
        ]
        return _seconds(tuple(self.rates), np.column_stack(counts))

    def trace(self, seconds: EndpointSeconds, seed: int) -> Trace:
        """Samples every 0.1 s: base, what is kept, what is beside, users, noise."""
        rng = np.random.default_rng([seed, 2])
        time = np.arange(0, self.stages[-1].end, 0.1)
        memory = np.full(len(time), 80.0 * MIB)
        for index, (_, name) in enumerate(seconds.keys):
            served = np.cumsum(seconds.counts[:, index])
            requests = np.interp(time, seconds.time, served)
            size, bend = self.cached.get(name, (0.0, 1.0))
            memory += self.kept_bytes.get(name, 0.0) * requests
            memory += size * (1 - np.exp(-requests / bend))
        for stage in self.stages:
            inside = (time >= stage.start) & (time < stage.end)
            memory[inside] += self.user_bytes * (stage.users or 0)
        memory += self.beside(np.clip((time - BASELINE) / self.load_seconds, 0, 1))
        memory += Noise(self.sigma_bytes, self.noise_seconds).drawn(rng, time)
        total = np.cumsum(seconds.counts.sum(axis=1))
        return Trace(
            time, pages(memory), seconds.time, total.astype(float), self.stages, limit_bytes=2**31
        )


def judged(trace: Trace) -> tuple[MemoryVerdict, Recovery]:
    """As a report judges it."""
    back = recovery(trace, Thresholds())
    return memory_verdict(trace, back, (), Thresholds()), back


def dealt(weights: dict[str, int], users: int, requests: int, seed: int) -> EndpointSeconds:
    """A steady load from decks of cards, one for each user, in exact shares."""
    names = tuple(weights)
    decks = [
        deal([(names.index(name), weight) for name, weight in weights.items()], Random(seed + user))
        for user in range(users)
    ]
    per_second = requests // 120
    # All users have asked equally often, a request apart.
    cards = np.array([list(islice(deck, requests // users + 1)) for deck in decks]).T.ravel()
    counts = np.zeros((140, len(names)), dtype=np.int64)
    for second in range(120):
        drawn = cards[second * per_second : (second + 1) * per_second]
        counts[10 + second] = np.bincount(drawn, minlength=len(names))
    return _seconds(names, counts)


def _seconds(names: tuple[str, ...], counts: np.ndarray[tuple[int, int]]) -> EndpointSeconds:
    keys = tuple(("GET", name) for name in names)
    return EndpointSeconds(keys, np.arange(1.0, len(counts) + 1), counts.astype(np.int32))
