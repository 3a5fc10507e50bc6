"""The top level of a snapshot's JSON, found without decoding its hundred millions of bytes."""

from __future__ import annotations

import json
import mmap
import re
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

Content = bytes | mmap.mmap
Integers = NDArray[np.int64]
Numbers = NDArray[np.integer]

FLAT = frozenset({"nodes", "edges", "locations", "samples", "trace_function_infos"})
"""Arrays of numbers only: they end at the next bracket."""

PIECE_BYTES = 16 * 2**20

_KEY = re.compile(rb'[\s,{]*"(\w+)"\s*:\s*')
_SCALAR = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\s,\[\]{}"]+', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_CLOSED = re.compile(rb"\s*\}\s*\Z")


def sections(content: Content) -> dict[str, slice]:
    """Where each value of the top level is, in bytes. Raises ValueError where it is cut off."""
    found: dict[str, slice] = {}
    at = 0
    while key := _KEY.match(content, at):
        name = key[1].decode()
        at = _end(content, key.end(), name)
        found[name] = slice(key.end(), at)
    if "snapshot" not in found:
        raise ValueError("this is no heap snapshot of V8: it does not begin with its 'snapshot'")
    if not _CLOSED.match(content, at):
        raise ValueError(f"cut off or damaged after {', '.join(found)}, at byte {at}")
    return found


def decoded(content: Content, where: slice) -> Any:
    """The JSON value there. Raises ValueError."""
    try:
        return json.loads(content[where].decode("utf-8", errors="replace"))
    except json.JSONDecodeError as error:
        raise ValueError(f"cut off or damaged after byte {where.start}: {error}") from error


def numbers(content: Content, where: slice, count: int, width: type[np.integer]) -> Numbers:
    """The flat array of `count` integers there. Raises ValueError where it has more or fewer."""
    if not 0 <= count <= where.stop - where.start:
        raise ValueError(f"damaged: {count} numbers announced in {where.stop - where.start} bytes")
    values = np.empty(count, dtype=width)
    filled = 0
    for text in _pieces(content, where.start + 1, where.stop - 1):
        piece = _integers(text)
        if filled + len(piece) > count:
            raise ValueError(f"damaged: more than the {count} numbers that were announced")
        values[filled : filled + len(piece)] = piece
        filled += len(piece)
    if filled < count:
        raise ValueError(f"damaged: {filled} numbers where {count} were announced")
    return values


def _pieces(content: Content, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        comma = content.find(b",", start + PIECE_BYTES, end) if start + PIECE_BYTES < end else -1
        stop = end if comma < 0 else comma
        if text := content[start:stop].strip():
            yield text
        start = stop + 1


def _integers(text: bytes) -> Integers:
    with warnings.catch_warnings():
        # This is how numpy tells that it stopped at something that is no number.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return np.fromstring(text, dtype=np.int64, sep=",")
        except (DeprecationWarning, ValueError) as error:
            raise ValueError("damaged: something else between the numbers") from error


def _end(content: Content, start: int, name: str) -> int:
    if content[start : start + 1] not in (b"[", b"{"):
        scalar = _SCALAR.match(content, start)
        return scalar.end() if scalar else _cut(name)
    if name in FLAT:
        end = content.find(b"]", start)
        return end + 1 if end >= 0 else _cut(name)
    depth = 0
    for token in _TOKEN.finditer(content, start):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return _cut(name)


def _cut(name: str) -> NoReturn:
    raise ValueError(f"cut off in the middle of '{name}'")
