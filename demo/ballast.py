"""Memory that is kept for as long as its pile is, exact to the byte."""

import contextlib
import mmap

_CHUNK = 1 << 20
_FILL = memoryview(b"\xa5" * _CHUNK)


class Ballast:
    """A pile of bytes that only grows, and by which the resident set grows.

    Python objects would not do: 100 bytes asked of the allocator cost more than 100 (header,
    rounding, list slot), may land in space that was resident already, and a growing bytearray is
    copied now and then. So the bytes are written one after another into anonymous private maps:
    a page becomes resident when its first byte is written, hence N requests of B bytes make
    N * B / page size pages resident, to within one page. Huge pages are refused, because one
    would become resident as a whole with its first byte.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self._chunks: list[mmap.mmap] = []

    def add(self, size_bytes: int) -> None:
        """Write size_bytes more bytes and keep them."""
        left = size_bytes
        while left > 0:
            offset = self.size_bytes % _CHUNK
            if offset == 0:
                self._chunks.append(_new_chunk())
            step = min(left, _CHUNK - offset)
            # filled with something: a page of zeros could be merged or compressed away
            self._chunks[-1][offset : offset + step] = _FILL[:step]
            self.size_bytes += step
            left -= step


def _new_chunk() -> mmap.mmap:
    chunk = mmap.mmap(-1, _CHUNK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    # a kernel without huge pages refuses the advice, and does not need it
    with contextlib.suppress(OSError):
        chunk.madvise(mmap.MADV_NOHUGEPAGE)
    return chunk
