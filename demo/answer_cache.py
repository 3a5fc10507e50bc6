"""A cache of answers, with a bound or without one."""


class AnswerCache:
    """Keeps `entry_bytes` for each key; `bound_bytes` None: nothing is ever evicted.

    Each request brings a key of its own, as where a timestamp or a session is part of the key: no
    entry is ever found again.
    """

    def __init__(self, entry_bytes: int, bound_bytes: int | None) -> None:
        self._entry_bytes = entry_bytes
        self._bound_bytes = bound_bytes
        self._entries: dict[int, bytes] = {}
        self.evicted = 0

    @property
    def size_bytes(self) -> int:
        """What all entries hold now."""
        return len(self._entries) * self._entry_bytes

    def remember(self, key: int) -> None:
        """Keep an answer under this key."""
        # evict first: the new entry may take the place of the old one
        while self._is_full():
            del self._entries[next(iter(self._entries))]
            self.evicted += 1
        self._entries[key] = b"\xc3" * self._entry_bytes

    def _is_full(self) -> bool:
        if self._bound_bytes is None:
            return False
        return self.size_bytes + self._entry_bytes > self._bound_bytes
