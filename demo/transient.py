"""Memory that one request needs while it is served, and no longer."""

import asyncio

from demo.ballast import Ballast


class Transient:
    """Holds `size_bytes`, exact to the page, for `seconds` in each request to a path."""

    def __init__(self, size_bytes: int, seconds: float, path: str) -> None:
        self._size_bytes = size_bytes
        self._seconds = seconds
        self._path = path
        self.held = 0

    async def hold(self, path: str) -> None:
        """Do so if this is the path; requests that overlap hold as often as there are of them."""
        if not self._size_bytes or not path.startswith(self._path):
            return
        self.held += 1
        needed = Ballast()
        needed.add(self._size_bytes)
        await asyncio.sleep(self._seconds)
