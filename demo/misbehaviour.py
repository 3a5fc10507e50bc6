"""The middleware that makes the demo service leak, cache, spike, retain, fail and dawdle."""

import asyncio
import os
from collections import Counter
from fractions import Fraction

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.answer_cache import AnswerCache
from demo.ballast import Ballast
from demo.garbage import Garbage, Holes
from demo.leak import open_leak
from demo.sessions import Sessions
from demo.spike import Spike
from demo.switches import Switches
from demo.tiers import Mark, Slot, Tier, open_slot
from demo.transient import Transient

_MIB = 1 << 20
_ERROR_BODY = b'{"detail":"failed on purpose (DEMO_ERROR_RATE)"}'


class Misbehaviour:
    """The state behind the switches of one process, and its counters."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._leak = open_leak(switches.leak_in)
        self._transient = Transient(
            switches.transient_mib * _MIB, switches.transient_ms / 1000, switches.transient_path
        )
        self._garbage = Garbage(switches.garbage_kib * 1024, switches.garbage_mib * _MIB)
        self._holes = Holes(switches.holes_mib * _MIB)
        self.sessions = Sessions(switches.user_mib * _MIB)
        self._retained = Ballast()
        self._cache = AnswerCache(
            switches.cache_entry_kib * 1024,
            switches.cache_mib * _MIB if switches.cache_bound else None,
        )
        self._requests: Counter[Tier] = Counter()
        self._errors = 0
        self._slowed = 0
        self._owed = Fraction(0)
        # the app is imported before its server listens: the file is full before any request
        self._spike = Spike(switches.spike_mib, switches.spike_ms) if switches.spike_mib else None

    async def use_memory(self, tier: Tier, path: str) -> None:
        """Do to memory what the switches ask for one request of this tier to this path."""
        await self._transient.hold(path)
        self._requests[tier] += 1
        if self._leaks(tier, path):
            self._leak.add(self._switches.leak_bytes)
        self._garbage.add()
        if tier is Tier.HEAVY:
            self._holes.make_once()
        if tier is Tier.MEDIUM and self._switches.cache_mib:
            self._cache.remember(self._requests[tier])
        self._retained.add(min(_MIB, self._switches.retain_mib * _MIB - self._retained.size_bytes))
        heavy = self._requests[Tier.HEAVY]
        if self._spike and tier is Tier.HEAVY and heavy % self._switches.spike_every == 0:
            self._spike.start()

    def _leaks(self, tier: Tier, path: str) -> bool:
        """A path, where one is given, decides instead of the tier."""
        switches = self._switches
        if not switches.leak_bytes:
            return False
        if switches.leak_path:
            return path.startswith(switches.leak_path)
        return tier in switches.leak_tiers

    def must_crash(self) -> bool:
        """Say whether this process ends with this request."""
        every = self._switches.crash_every
        return every > 0 and self._requests.total() >= every

    def delay_seconds(self, mark: Mark) -> float:
        """Return by how many seconds to hold back the answer."""
        if mark.spared or mark.tier is not self._switches.slow_tier:
            return 0.0
        self._slowed += self._switches.slow_ms > 0
        return self._switches.slow_ms / 1000

    def must_fail(self, mark: Mark) -> bool:
        """Say whether this answer is to be an error.

        Not random: each request adds the rate to a debt, and a whole debt is paid with one
        error. After n requests there are exactly floor(n * rate) errors.
        """
        if mark.spared:
            return False
        self._owed += self._switches.error_rate
        if self._owed < 1:
            return False
        self._owed -= 1
        self._errors += 1
        return True

    def close(self) -> None:
        """Give back what outlives the process."""
        self._leak.close()
        if self._spike:
            self._spike.close()

    def counters(self) -> dict[str, int | dict[str, int]]:
        """Return what has been done so far; sizes are in bytes."""
        return {
            "leaked_bytes": self._leak.size_bytes,
            "session_bytes": self.sessions.size_bytes,
            "collections": self._garbage.collections,
            "cache_bytes": self._cache.size_bytes,
            "cache_evictions": self._cache.evicted,
            "retained_bytes": self._retained.size_bytes,
            "transients": self._transient.held,
            "spikes": self._spike.started if self._spike else 0,
            "errors": self._errors,
            "slowed": self._slowed,
            "requests": {tier.value: self._requests[tier] for tier in Tier},
        }


class MisbehaviourMiddleware:
    """Applies the switches to each request, according to the tier its route declares.

    Which route serves a request is known only after routing, so everything happens when the
    answer is about to start: the work is done, the client has not heard yet, and whoever got an
    answer can count on its effect on memory. Pure ASGI, because BaseHTTPMiddleware would add
    tasks and queues, whose own memory we would then measure.
    """

    def __init__(self, app: ASGIApp, misbehaviour: Misbehaviour) -> None:
        self._app = app
        self._misbehaviour = misbehaviour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope.get("client"):
            self._misbehaviour.sessions.seen(tuple(scope["client"]))
        answer = _Answer(open_slot(scope), str(scope["path"]), self._misbehaviour, send)
        await self._app(scope, receive, answer.send)
        if self._misbehaviour.must_crash():
            # The client has its answer; whoever else is being served has not.
            os._exit(1)


class _Answer:
    """The messages of one answer on their way to the client."""

    def __init__(self, slot: Slot, path: str, misbehaviour: Misbehaviour, send: Send) -> None:
        self._slot = slot
        self._path = path
        self._misbehaviour = misbehaviour
        self._send = send
        self._replaced = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return  # the client got an error instead; what the route still says is dropped
        if message["type"] == "http.response.start" and self._slot.mark is not None:
            await self._begin(self._slot.mark)
        if not self._replaced:
            await self._send(message)

    async def _begin(self, mark: Mark) -> None:
        await self._misbehaviour.use_memory(mark.tier, self._path)
        delay = self._misbehaviour.delay_seconds(mark)
        if delay > 0:
            await asyncio.sleep(delay)
        if self._misbehaviour.must_fail(mark):
            self._replaced = True
            length = str(len(_ERROR_BODY)).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", length)]
            await self._send({"type": "http.response.start", "status": 500, "headers": headers})
            await self._send({"type": "http.response.body", "body": _ERROR_BODY})
