"""A background job that reads rows in a database session, and closes it or forgets to.

A session that is left open stays registered and keeps its rows: 512 rows with a payload of 4 KiB
each are 2 MiB for each run (`KEPT_BYTES`), and some 60 KiB of the connection with them.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import cache
from pkgutil import resolve_name

ROWS = 512
ROW_BYTES = 4096
KEPT_BYTES = ROWS * ROW_BYTES
_DATABASE = "file:plimsoll-demo-nightly?mode=memory&cache=shared"
# what a bytes object and malloc add, so that a row takes ROW_BYTES of the heap
_OVERHEAD_BYTES = 41

Job = Callable[[], None]

_registry: dict[int, "Session"] = {}


class Session:
    """A connection with the rows that were read through it, registered until it is closed."""

    def __init__(self) -> None:
        self._connection = _connect()
        self._identity_map: dict[int, bytes] = {}
        _registry[id(self)] = self

    def read_all(self) -> int:
        """Read the table into the identity map; returns the number of rows."""
        rows = self._connection.execute("SELECT number, payload FROM report_rows")
        self._identity_map.update(rows)
        return len(self._identity_map)

    def close(self) -> None:
        """Give back the connection and the rows."""
        self._identity_map.clear()
        self._connection.close()
        _registry.pop(id(self), None)


def nightly_job(*, closes: bool, decorator: str) -> Job:
    """Return the job, inside the decorator that is named `module:name`, if any.

    Raises ValueError, ImportError or AttributeError where there is no such decorator.
    """
    _database()

    def nightly_report() -> None:
        session = Session()
        with closing(session) if closes else nullcontext():
            session.read_all()

    if not decorator:
        return nightly_report
    # what a decorator calls the job, without the function that it was made in
    nightly_report.__qualname__ = "nightly_report"
    decorated: Job = resolve_name(decorator)(nightly_report)
    return decorated


async def run_every(seconds: float, job: Job) -> None:
    """Run the job again and again, in a thread, with `seconds` in between."""
    # what a decorator logs belongs into the service's output
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    while True:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(job)


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(_DATABASE, uri=True, check_same_thread=False)


@cache
def _database() -> sqlite3.Connection:
    """The table, in memory; it lasts as long as this connection does."""
    connection = _connect()
    payload = b"\x5a" * (ROW_BYTES - _OVERHEAD_BYTES)
    with connection:
        connection.execute("CREATE TABLE report_rows (number INTEGER PRIMARY KEY, payload BLOB)")
        connection.executemany(
            "INSERT INTO report_rows VALUES (?, ?)", ((number, payload) for number in range(ROWS))
        )
    return connection
