"""Sizes as people write them."""

from __future__ import annotations

import re

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def parse_size(text: str) -> int:
    """Bytes of `512MiB`, `1GiB`, `400M` or a bare number. Raises ValueError with the text."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]i?)?b?\s*", text, re.IGNORECASE)
    size = float(found[1]) * UNITS[(found[2] or "").lower()] if found else 0
    if size < 1:
        raise ValueError(f"'{text}': expected a size such as 512MiB, 1GiB or bytes")
    return int(size)
