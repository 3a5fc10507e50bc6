"""The same with many, side by side: one that is slow to answer costs its own time alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import gevent

One = TypeVar("One")
Found = TypeVar("Found")


def at_once(
    do: Callable[[One], Found], things: Sequence[One], timeout_seconds: float | None = None
) -> list[Found | None]:
    """What `do` found of each, in their order; None where it did not end in time.

    `do` must not raise: gevent would print it, and nobody hear it.
    """
    greenlets = [gevent.spawn(do, one) for one in things]
    gevent.joinall(greenlets, timeout=timeout_seconds)
    return [greenlet.value for greenlet in greenlets]
