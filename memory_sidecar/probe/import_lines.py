"""The two files of a process whose imports are measured: its own size, and the lines on it.

Their descriptors are numbers that the program may close, and then give to files of its own: before
each use it is made sure that they are still ours.
"""

from __future__ import annotations

import os

NOT_OURS = "the program closed the files that its imports are measured with"


class ImportLines:
    """Open for this very process: `lines` are added to `folder`. Raises OSError."""

    def __init__(self, folder: str) -> None:
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._lines = own_file(folder, "imports-", ".jsonl")
        self._identities = {number: _identity(number) for number in (self._statm, self._lines)}

    def resident_bytes(self) -> int:
        """Raises OSError where the file is not ours any more; ValueError and IndexError."""
        self._check(self._statm)
        return int(os.pread(self._statm, 128, 0).split()[1]) * self._page_bytes

    def write(self, line: str) -> None:
        """Raises OSError where the file is not ours any more, or the disk is full."""
        self._check(self._lines)
        os.write(self._lines, line.encode() + b"\n")

    def _check(self, number: int) -> None:
        if _identity(number) != self._identities[number]:
            raise OSError(NOT_OURS)


def redirect_times(folder: str) -> None:
    """CPython's import times, written to stderr, into a file of this process's own.

    Where stderr is no file of `folder` the program has put it elsewhere, to read it perhaps: it
    stays where it is.
    """
    try:
        with os.scandir(folder) as files:
            ours = _identity(2) in [_identity(file.path) for file in files]
    except OSError:
        return
    if ours:
        times = own_file(folder, "importtime-", ".log")
        os.dup2(times, 2)
        os.close(times)


def own_file(folder: str, prefix: str, suffix: str) -> int:
    """A descriptor that adds to this process's file of that kind. Raises OSError."""
    name = f"{folder}/{prefix}{os.getpid()}{suffix}"
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def _identity(file: int | str) -> tuple[int, int]:
    # pathlib is not to be imported here.
    found = os.stat(file)  # noqa: PTH116
    return found.st_dev, found.st_ino


def json_text(text: str) -> str:
    """The text as a JSON string, in ASCII."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return '"' + "".join(map(_json_unit, codes)) + '"'


def _json_unit(code: int) -> str:
    plain = 32 <= code < 127 and code not in b'"\\'
    return chr(code) if plain else f"\\u{code:04x}"
