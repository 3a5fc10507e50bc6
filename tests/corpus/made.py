"""Made series: every class, with drawn noise, lengths, sample rates and sizes.

Each family is a function of a random generator; what is drawn, and when a leak is called decidable,
is written here and does not look at any verdict. `FIRST` draws are those on which the method was
built (so were 2 to 9); `SECOND` draws were made when it was fixed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from reports.verdicts.trace import Life, Stage, Trace
from tests.corpus.noise import Array, Noise, pages, standard_errors
from tests.corpus.truth import Case, Truth

KIB, MIB = 1024, 1024 * 1024
BASELINE, COOLDOWN, RAMP = 15.0, 15.0, 4.0
DECIDABLE_ERRORS = 5.0
"""A leak is decidable when it is five standard errors to who knows the noise, and has to tell the
leak from a cache that fills with the time constant of half the run.
"""

CACHE_BEND = 0.5
SHAPE_KNOWN = 0.1
"""Nothing warms up in a textbook's shape: less than a tenth of it cannot be told from the rest."""

LEAST_GROWTH = 1 * MIB
WARM_REQUESTS = 200.0
DRAWS = 11
FIRST, SECOND = 1, 10


@dataclass(frozen=True, slots=True)
class Setting:
    """What all families draw alike. Times in seconds from the run's origin."""

    rng: np.random.Generator
    load_seconds: float
    interval: float
    rate: float
    base: float
    noise: Noise
    waves: int = 1
    rate_change: float = 1.0

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Baseline, then so many waves of load and cooldown."""
        found = [Stage("baseline", 0.0, BASELINE, 0.0, 0, False)]
        for wave in range(self.waves):
            start = found[-1].end
            end = start + self.load_seconds
            name = "load" if wave == 0 else f"load-{wave + 1}"
            found.append(Stage(name, start, end, start + RAMP, 20, True))
            rest = "cooldown" if wave == 0 else f"cooldown-{wave + 1}"
            found.append(Stage(rest, end, end + COOLDOWN, end, 0, False))
        return tuple(found)

    @property
    def time(self) -> Array:
        """When samples were taken."""
        return np.arange(0, self.stages[-1].end, self.interval)

    def requests(self, time: Array) -> Array:
        """Requests that ended by then; `rate_change` acts in a load's second half."""
        total = np.zeros_like(time)
        for stage in self.stages:
            if stage.is_load:
                middle = (stage.start + stage.end) / 2
                first = np.clip(time, stage.start, middle) - stage.start
                second = np.clip(time, middle, stage.end) - middle
                total += self.rate * (first + self.rate_change * second)
        return total

    def under_load(self, time: Array) -> Array:
        """1 under load, 0 at rest."""
        inside = [(time >= s.start) & (time < s.end) for s in self.stages if s.is_load]
        return np.asarray(np.any(inside, axis=0), dtype=float)


def cases(draws: tuple[int, ...] = (FIRST, SECOND)) -> Iterator[Case]:
    """All made series of these draws."""
    for draw in draws:
        for family, make in FAMILIES.items():
            for index in range(DRAWS):
                rng = np.random.default_rng([draw, index, zlib.crc32(family.encode())])
                truth, trace = make(_setting(rng))
                yield Case(family, f"{family}-{draw}-{index}", truth, trace)


def _setting(rng: np.random.Generator) -> Setting:
    base = float(rng.uniform(40, 400)) * MIB
    return Setting(
        rng,
        load_seconds=float(rng.choice([60, 120, 300, 900])),
        interval=float(rng.choice([0.1, 0.25, 1.0])),
        rate=float(np.exp(rng.uniform(np.log(10), np.log(400)))),
        base=base,
        noise=Noise(
            sigma=float(np.exp(rng.uniform(np.log(0.0005), np.log(0.015)))) * base,
            memory_seconds=float(np.exp(rng.uniform(np.log(0.3), np.log(6.0)))),
            spikes_per_minute=float(rng.choice([0.0, 2.0, 10.0])),
            spike_bytes=float(rng.uniform(2, 20)) * MIB,
        ),
    )


def _but(setting: Setting, **changes: float) -> Setting:
    kept = {name: getattr(setting, name) for name in Setting.__slots__}
    return Setting(**{**kept, **changes})


def _trace(setting: Setting, memory: Array, lives: tuple[Life, ...] = ()) -> Trace:
    time = setting.time
    seconds = np.arange(1.0, setting.stages[-1].end + 1)
    return Trace(
        time,
        pages(memory),
        seconds,
        np.round(setting.requests(seconds)),
        setting.stages,
        lives,
        limit_bytes=2048 * MIB,
        measure="pss",
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What else moves the memory (bytes at each time), and how well anybody can know it."""

    shape: Array
    jitter: Array | None = None
    ends: bool = False


def _leak_size(setting: Setting, beside: Beside) -> tuple[float, bool]:
    """Bytes per request, drawn around what can just be seen; and whether it is decidable."""
    loaded = setting.under_load(setting.time) > 0
    served = setting.requests(setting.time)
    cache = 1 - np.exp(-served / (CACHE_BEND * served[-1]))
    errors = standard_errors(
        served[loaded],
        np.column_stack([beside.shape, cache])[loaded],
        setting.time[loaded],
        setting.noise,
        None if beside.jitter is None else beside.jitter[loaded],
    )
    total = float(served[-1])
    threshold = max(DECIDABLE_ERRORS / errors, LEAST_GROWTH / total)
    if beside.ends:
        threshold = max(threshold, SHAPE_KNOWN * float(np.ptp(beside.shape)) / total)
    size = threshold * float(np.exp(setting.rng.uniform(np.log(0.5), np.log(20.0))))
    return size, size >= threshold


def _warm_up(setting: Setting) -> Beside:
    requests = setting.requests(setting.time)
    total = float(requests[-1])
    height = float(setting.rng.uniform(0.05, 0.5)) * setting.base
    bend = setting.rng.uniform(0.005, 0.04) * total
    return Beside(height * (1 - np.exp(-requests / bend)), ends=True)


def _noise(setting: Setting) -> Array:
    return setting.noise.drawn(setting.rng, setting.time)


def _leaking(setting: Setting, beside: Beside | None = None) -> tuple[Truth, Trace]:
    """The base, what is beside it, the leak, and noise."""
    requests = setting.requests(setting.time)
    beside = beside or Beside(np.zeros_like(requests))
    size, decidable = _leak_size(setting, beside)
    memory = setting.base + beside.shape + size * requests + _noise(setting)
    return Truth("leak", size, decidable), _trace(setting, memory)


def leak(setting: Setting) -> tuple[Truth, Trace]:
    """So many bytes stay with each request."""
    return _leaking(setting)


def leak_with_warm_up(setting: Setting) -> tuple[Truth, Trace]:
    """A warm-up of 5 to 50 % of the base first."""
    return _leaking(setting, _warm_up(setting))


def leak_with_sawtooth(setting: Setting) -> tuple[Truth, Trace]:
    """Garbage is collected 3 to 12 times; the floor rises."""
    return _leaking(setting, _teeth(setting))


def leak_with_changing_rate(setting: Setting) -> tuple[Truth, Trace]:
    """Twice to four times the rate in the second half, which needs more memory in flight, too."""
    changed = _but(setting, rate_change=float(setting.rng.uniform(2, 4)))
    return _leaking(changed)


def leak_in_two_waves(setting: Setting) -> tuple[Truth, Trace]:
    """A warm-up, a leak, and the same load again."""
    waves = _but(setting, waves=2)
    warm = _warm_up(waves)
    need = 0.1 * setting.base * waves.under_load(waves.time)
    return _leaking(waves, replace(warm, shape=warm.shape + need))


def leak_in_steps(setting: Setting) -> tuple[Truth, Trace]:
    """A buffer for each batch of requests: 6 to 20 steps."""
    requests = setting.requests(setting.time)
    batch = float(requests[-1]) / float(setting.rng.uniform(6, 20))
    size, decidable = _leak_size(setting, Beside(np.zeros_like(requests)))
    step = max(size * batch, 12 * setting.noise.sigma, LEAST_GROWTH / 4)
    memory = setting.base + step * np.floor(requests / batch) + _noise(setting)
    return Truth("leak", step / batch, decidable or step > size * batch), _trace(setting, memory)


def leak_in_a_doubling_list(setting: Setting) -> tuple[Truth, Trace]:
    """A table that doubles whenever it is full: no single rate."""
    requests = setting.requests(setting.time)
    first = float(requests[-1]) / float(setting.rng.uniform(20, 100))
    unit = max(4 * setting.noise.sigma, 0.5 * MIB)
    size = unit * 2 ** np.floor(np.log2(np.maximum(requests / first, 0.5)))
    memory = setting.base + size + _noise(setting)
    rate = unit * float(requests[-1]) / first / float(requests[-1])
    return Truth("leak", rate, rate_known=False), _trace(setting, memory)


def _cache_size(setting: Setting) -> float:
    drawn = float(setting.rng.uniform(0.1, 1.0)) * setting.base
    return max(10 * MIB, 12 * setting.noise.sigma, drawn)


def cache(setting: Setting) -> tuple[Truth, Trace]:
    """Random keys: each request misses the less often, the fuller the cache."""
    requests = setting.requests(setting.time)
    total = float(requests[-1])
    height = _cache_size(setting)
    filled = height * (1 - np.exp(-requests / (setting.rng.uniform(0.13, 0.3) * total)))
    return Truth("cache_fill"), _trace(setting, setting.base + filled + _noise(setting))


def cache_to_the_brim(setting: Setting) -> tuple[Truth, Trace]:
    """Keys in a row: it fills evenly, and then evicts."""
    requests = setting.requests(setting.time)
    height = _cache_size(setting)
    full = setting.rng.uniform(0.4, 0.75) * float(requests[-1])
    filled = height * np.minimum(requests / full, 1)
    return Truth("cache_fill"), _trace(setting, setting.base + filled + _noise(setting))


def cache_in_two_waves(setting: Setting) -> tuple[Truth, Trace]:
    """Full by the end of the first wave, or nearly; the second adds next to nothing."""
    waves = _but(setting, waves=2)
    requests = waves.requests(waves.time)
    height = _cache_size(setting)
    filled = height * (1 - np.exp(-requests / (setting.rng.uniform(0.12, 0.25) * requests[-1])))
    return Truth("cache_fill"), _trace(waves, setting.base + filled + _noise(waves))


def stable(setting: Setting) -> tuple[Truth, Trace]:
    """Noise alone, more of it under load."""
    return Truth("stable"), _trace(setting, setting.base + _noise(setting))


def stable_after_warm_up(setting: Setting) -> tuple[Truth, Trace]:
    """A warm-up under the growth that people call healthy, kept afterwards."""
    warm = _warm_up(setting).shape
    warm *= min(1.0, 45 * MIB / float(warm.max()))
    return Truth("stable"), _trace(setting, setting.base + warm + _noise(setting))


def stable_sawtooth(setting: Setting) -> tuple[Truth, Trace]:
    """Garbage collection: climbs and falls, the floor stands."""
    memory = setting.base + _teeth(setting).shape + _noise(setting)
    return Truth("stable"), _trace(setting, memory)


def stable_with_one_step(setting: Setting) -> tuple[Truth, Trace]:
    """Something is loaded once, in mid-run."""
    requests = setting.requests(setting.time)
    at = setting.rng.uniform(0.2, 0.8) * float(requests[-1])
    height = float(setting.rng.uniform(6, 45)) * MIB
    memory = setting.base + height * (requests > at) + _noise(setting)
    return Truth("stable"), _trace(setting, memory)


def stable_at_changing_rate(setting: Setting) -> tuple[Truth, Trace]:
    """Twice to four times the rate from the middle on, nothing stays."""
    changed = _but(setting, rate_change=float(setting.rng.uniform(2, 4)))
    return Truth("stable"), _trace(changed, setting.base + _noise(changed))


def stable_but_wandering(setting: Setting) -> tuple[Truth, Trace]:
    """Noise that takes a tenth of the load to forget itself."""
    slow = Noise(setting.noise.sigma, setting.load_seconds / 10)
    memory = setting.base + slow.drawn(setting.rng, setting.time)
    return Truth("stable"), _trace(setting, memory)


def poor_recovery(setting: Setting) -> tuple[Truth, Trace]:
    """The load needs 60 to 400 MiB at once and keeps 60 to 100 % of that."""
    need = float(setting.rng.uniform(60, 400)) * MIB
    kept = max(55 * MIB, need * float(setting.rng.uniform(0.6, 1.0)))
    ever = np.maximum.accumulate(setting.under_load(setting.time))
    shape = kept * ever + (need - kept) * setting.under_load(setting.time)
    rise = np.minimum(np.maximum(setting.time - BASELINE, 0) / RAMP, 1)
    return Truth("poor_recovery"), _trace(setting, setting.base + shape * rise + _noise(setting))


def _teeth(setting: Setting) -> Beside:
    """A climb by requests that falls to the floor 3 to 12 times under load."""
    requests = setting.requests(setting.time)
    period = float(requests[-1]) / float(setting.rng.uniform(3, 12))
    height = max(20 * setting.noise.sigma, float(setting.rng.uniform(0.1, 0.4)) * setting.base)
    # When a tooth fell is known to a sample: so is its level, to what it climbs in that time.
    tooth = np.floor(requests / period)
    climb = height / period * setting.rate * setting.interval
    jitter = (tooth[:, None] == np.unique(tooth)[None, :]) * climb / np.sqrt(12)
    return Beside(height * np.mod(requests, period) / period, jitter)


@dataclass(frozen=True, slots=True)
class Crew:
    """Workers of one kind: how many side by side, and after how many seconds each is replaced."""

    workers: int
    lifetime: float | None
    planned: bool = True


def _with_workers(
    setting: Setting, crew: Crew, per_request: Array, warm_up: float
) -> tuple[Array, tuple[Life, ...]]:
    """Total and lives. `per_request`: bytes that each worker keeps of one of its own requests."""
    time, total = setting.time, np.full(len(setting.time), 30.0 * MIB)
    slow = np.arange(0, setting.stages[-1].end, 1.0)
    lives = [Life(100, "root", "gunicorn", 0.0, None, None, slow, np.full(len(slow), 30.0 * MIB))]
    pid = 101
    for worker in range(crew.workers):
        born = 0.0
        while born < setting.stages[-1].end:
            # Recycling goes by requests, so only under load, and not all at once (jitter).
            died = None
            if crew.lifetime is not None:
                least = max(born, setting.stages[1].start) + crew.lifetime
                ends = least * float(setting.rng.uniform(0.97, 1.03))
                died = ends if ends < setting.stages[-2].end else None
            until = died if died is not None else setting.stages[-1].end + 1
            share = per_request[worker] / crew.workers
            own = _worker_memory(setting, (born, until), share, warm_up)
            inside = (time >= born) & (time < until)
            total += np.where(inside, own(time), 0.0)
            at = slow[(slow >= born) & (slow < until)]
            noisy = setting.noise.drawn(setting.rng, slow)[: len(at)] / crew.workers
            lives.append(
                Life(
                    pid,
                    "worker",
                    "gunicorn",
                    born,
                    died,
                    crew.planned if died is not None else None,
                    at,
                    pages(own(at) + noisy),
                )
            )
            pid += 1
            if died is None:
                break
            born = died + 0.3
    return total + _noise(setting), tuple(lives)


def _worker_memory(
    setting: Setting, life: tuple[float, float], slope: float, warm_up: float
) -> Callable[[Array], Array]:
    begun = float(setting.requests(np.array([life[0]]))[0])

    def memory(time: Array) -> Array:
        served = np.maximum(setting.requests(time) - begun, 0)
        return setting.base / 4 + warm_up * (1 - np.exp(-served / WARM_REQUESTS)) + slope * served

    return memory


def _crew(setting: Setting, recycled: bool, planned: bool = True) -> Crew:
    workers = int(setting.rng.integers(2, 5))
    lifetime = setting.load_seconds / float(setting.rng.uniform(3, 6)) if recycled else None
    return Crew(workers, max(15.0, lifetime) if lifetime is not None else None, planned)


def _crew_leak(setting: Setting, crew: Crew, warm_up: float) -> tuple[float, bool]:
    """Drawn for one worker's longest life: that is what a leak has to be seen in."""
    span = min(setting.load_seconds, crew.lifetime or setting.load_seconds)
    window = _but(setting, load_seconds=span)
    requests = window.requests(window.time) / crew.workers
    loaded = window.under_load(window.time) > 0
    noise = Noise(setting.noise.sigma / crew.workers, setting.noise.memory_seconds)
    served = window.requests(window.time)
    warm = 1 - np.exp(-served / WARM_REQUESTS)
    cache = 1 - np.exp(-served / (CACHE_BEND * served[-1]))
    others = np.column_stack([warm, cache])[loaded]
    errors = standard_errors(requests[loaded], others, window.time[loaded], noise)
    least = max(LEAST_GROWTH, SHAPE_KNOWN * warm_up) / float(requests[-1])
    threshold = max(DECIDABLE_ERRORS / errors, least)
    size = threshold * float(np.exp(setting.rng.uniform(np.log(0.5), np.log(20.0))))
    return size, size >= threshold


def leak_hidden_by_recycling(setting: Setting) -> tuple[Truth, Trace]:
    """All workers leak and are replaced 3 to 6 times, as gunicorn's --max-requests does."""
    setting = _but(setting, load_seconds=max(120.0, setting.load_seconds), interval=0.25)
    crew = _crew(setting, recycled=True)
    warm_up = float(setting.rng.uniform(2, 20)) * MIB
    size, decidable = _crew_leak(setting, crew, warm_up)
    memory, lives = _with_workers(setting, crew, np.full(crew.workers, size), warm_up)
    return Truth("leak", size, decidable), _trace(setting, memory, lives)


def leak_hidden_by_a_crash_loop(setting: Setting) -> tuple[Truth, Trace]:
    """The same, but each worker's end is a crash."""
    setting = _but(setting, load_seconds=max(120.0, setting.load_seconds), interval=0.25)
    crew = _crew(setting, recycled=True, planned=False)
    warm_up = float(setting.rng.uniform(2, 20)) * MIB
    size, decidable = _crew_leak(setting, crew, warm_up)
    memory, lives = _with_workers(setting, crew, np.full(crew.workers, size), warm_up)
    return Truth("leak", size, decidable), _trace(setting, memory, lives)


def leak_in_one_worker(setting: Setting) -> tuple[Truth, Trace]:
    """One of two to four workers leaks, the others do not."""
    setting = _but(setting, interval=0.25)
    crew = _crew(setting, recycled=False)
    warm_up = float(setting.rng.uniform(2, 20)) * MIB
    size, decidable = _crew_leak(setting, crew, warm_up)
    per_request = np.zeros(crew.workers)
    per_request[0] = size
    memory, lives = _with_workers(setting, crew, per_request, warm_up)
    # Its requests are one n-th of all: so is the leak per request to the target.
    return (
        Truth("leak", size / crew.workers, decidable, pid=101),
        _trace(setting, memory, lives),
    )


def stable_and_recycled(setting: Setting) -> tuple[Truth, Trace]:
    """Workers warm up anew each time, and nothing leaks."""
    setting = _but(setting, load_seconds=max(120.0, setting.load_seconds), interval=0.25)
    crew = _crew(setting, recycled=True)
    memory, lives = _with_workers(
        setting, crew, np.zeros(crew.workers), float(setting.rng.uniform(2, 12)) * MIB
    )
    return Truth("stable"), _trace(setting, memory, lives)


FAMILIES: dict[str, Callable[[Setting], tuple[Truth, Trace]]] = {
    make.__name__: make
    for make in (
        leak,
        leak_with_warm_up,
        leak_with_sawtooth,
        leak_with_changing_rate,
        leak_in_two_waves,
        leak_in_steps,
        leak_in_a_doubling_list,
        leak_hidden_by_recycling,
        leak_hidden_by_a_crash_loop,
        leak_in_one_worker,
        cache,
        cache_to_the_brim,
        cache_in_two_waves,
        stable,
        stable_after_warm_up,
        stable_sawtooth,
        stable_with_one_step,
        stable_at_changing_rate,
        stable_but_wandering,
        stable_and_recycled,
        poor_recovery,
    )
}
