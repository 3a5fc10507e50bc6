"""What a sidecar wrote of a run, in pieces that can be checked and asked for again."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from rundir import RunDirectory

CHUNK_BYTES = 1024 * 1024


def listing(directory: RunDirectory, *, ended: bool) -> list[dict[str, Any]]:
    """Name, size in bytes, and the sha256 of the whole: null while the run goes on."""
    found = []
    for path in directory.sidecar_files:
        known = path.stat()
        digest = _digest(path, known.st_size, known.st_mtime_ns) if ended else None
        found.append({"name": path.name, "size": known.st_size, "sha256": digest})
    return found


@lru_cache(maxsize=64)
def _digest(path: Path, _size: int, _written: int) -> str:
    """Read once for each time that it was written."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def chunk_of(path: Path, offset: int) -> tuple[bytes, int]:
    """Up to CHUNK_BYTES from `offset` on, and the size of the whole now. Raises OSError."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.read(CHUNK_BYTES), path.stat().st_size
