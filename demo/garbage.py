"""Memory that is not kept: garbage that is collected in turns, and a heap full of holes."""

from demo.ballast import Ballast

_SMALL = 480
_SURVIVORS = 200


class Garbage:
    """Each request leaves `per_request` bytes, and all are freed when they reach `limit` bytes."""

    def __init__(self, per_request: int, limit: int) -> None:
        self._per_request = per_request
        self._limit = limit
        self._pile = Ballast()
        self.collections = 0

    def add(self) -> None:
        """Leave garbage; collect when there is enough."""
        if not self._limit:
            return
        self._pile.add(self._per_request)
        if self._pile.size_bytes >= self._limit:
            self._pile = Ballast()
            self.collections += 1


class Holes:
    """The first heavy request allocates `size_bytes` in small objects.

    One in 200 survives, and pins its page. The allocator cannot give such pages back: they stay
    resident, and are filled again by later requests. No leak.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._survivors: list[bytes] = []

    def make_once(self) -> None:
        """Do so with the first heavy request."""
        if self._size_bytes and not self._survivors:
            small = [b"\x5a" * _SMALL + bytes([i & 255]) for i in range(self._size_bytes // 512)]
            self._survivors = small[::_SURVIVORS]
