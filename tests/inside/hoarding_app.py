"""A service whose first heavy request leaves known amounts of memory behind, MiB each.

GARBAGE in reference cycles (the collector is switched off), SLACK free in glibc's heap between
blocks that are kept, LIVE in objects that are referred to.
"""

from __future__ import annotations

import gc
import os

from fastapi import FastAPI

MIB = 1024 * 1024
SHARES = {name: int(os.environ.get(name, "0")) for name in ("GARBAGE", "SLACK", "LIVE")}
BLOCK = 64 * 1024
"""Below the size from which malloc maps a block by itself."""

app = FastAPI()
kept: list[bytes | bytearray] = []
gc.disable()


class Cycle:
    """Refers to itself, so only a collection frees it."""

    def __init__(self) -> None:
        self.payload = b"\xa5" * MIB
        self.itself = self


@app.get("/")
def light() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/hoard")
async def hoard() -> dict[str, int]:
    """Once: what a load leaves."""
    if not kept:
        for _ in range(SHARES["GARBAGE"]):
            Cycle()
        # Before the slack, which they would fill.
        kept.extend(b"\xc3" * MIB for _ in range(SHARES["LIVE"]))
        blocks = [bytearray(b"\x5a" * BLOCK) for _ in range(SHARES["SLACK"] * MIB // BLOCK)]
        # One in 64, and the last: below such a block glibc gives nothing back unasked.
        kept.extend((*blocks[::64], *blocks[-1:]))
        del blocks
    return SHARES
