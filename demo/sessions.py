"""Memory for as long as a user stays connected."""

import time

from demo.ballast import Ballast

IDLE_SECONDS = 5.0


class Sessions:
    """`size_bytes` for each client address and port that asked within the last seconds.

    A client that keeps its connection alive has one port: one session per connected user.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._held: dict[tuple[str, int], Ballast] = {}
        self._seen: dict[tuple[str, int], float] = {}

    @property
    def size_bytes(self) -> int:
        """What all sessions hold now."""
        return self._size_bytes * len(self._held)

    def seen(self, client: tuple[str, int]) -> None:
        """A request of this client: open its session, or keep it."""
        if not self._size_bytes:
            return
        if client not in self._held:
            held = Ballast()
            held.add(self._size_bytes)
            self._held[client] = held
        self._seen[client] = time.monotonic()

    def end_idle(self) -> None:
        """Free the sessions of clients that left."""
        now = time.monotonic()
        for client in [one for one, at in self._seen.items() if now - at > IDLE_SECONDS]:
            del self._seen[client], self._held[client]
