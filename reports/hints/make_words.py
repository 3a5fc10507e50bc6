"""Values as words of make, which a shell reads before it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def words_of(*words: str) -> str:
    """A command line; empty words are left out."""
    return " ".join(filter(None, words))


def variable(name: str, value: str) -> str:
    """One of make's, which takes a dollar for its own."""
    return f"{name}={shlex.quote(value.replace('$', '$$'))}"


def command_line(words: Iterable[str]) -> str | None:
    """As `shlex.split` reads it; None where a word cannot be typed.

    In double quotes: the variable that it becomes has single ones around it.
    """
    words = tuple(words)
    if not all(map(str.isprintable, words)):
        return None
    return " ".join(map(_double_quoted, words))


def shown(path: Path, folder: str = "") -> str:
    """Below the checkout as it is typed there; elsewhere without the folders of this machine."""
    if path.is_relative_to(ROOT):
        path = path.relative_to(ROOT)
    elif path.is_absolute():
        path = Path(folder) / path.name
    return str(path)


def _double_quoted(word: str) -> str:
    if shlex.quote(word) == word:
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
