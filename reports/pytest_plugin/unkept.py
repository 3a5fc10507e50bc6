"""pytest keeps each log record and each warning of a test: its memory, not the tested code's."""

from __future__ import annotations

import gc
import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def unkept() -> Iterator[None]:
    """Within it pytest forgets log records and warnings; filters and other handlers stay."""
    with ExitStack() as stack:
        stack.enter_context(_log_records_unkept())
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = _forget
        yield


@contextmanager
def only_new_garbage() -> Iterator[None]:
    """Collections within it look at new objects only: 73 of them would take seconds in a large
    process.
    """
    if gc.get_freeze_count():  # the tested program froze objects itself, and unfreezing frees all
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _log_records_unkept() -> Iterator[None]:
    root = logging.getLogger()
    handlers = root.handlers[:]
    # Without any handler, logging would print each record to stderr.
    root.handlers[:] = [one for one in handlers if not _is_pytests(one)] or [logging.NullHandler()]
    try:
        yield
    finally:
        root.handlers[:] = handlers


def _is_pytests(handler: logging.Handler) -> bool:
    return type(handler).__module__.startswith("_pytest.")


def _forget(*_: object, **__: object) -> None:
    """In the place of warnings.showwarning."""
