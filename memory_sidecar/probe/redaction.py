"""A short text for an object that gives no secret away, and runs none of the service's code."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Collection
from itertools import islice
from typing import Any

MOST_CHARACTERS = 120
CUT = "***"

HIDDEN_NAME = re.compile(
    r"pass(?:word|wd|phrase|code)?\b|passwd|pwd|secret|token|credential|cookie|signature|dsn|"
    r"(?:api|access|private|encryption|signing)[_-]?key|authorization|session[_-]?id",
    re.IGNORECASE,
)
VALUE = r"(?:[bru]{0,2}\"[^\"]*\"?|[bru]{0,2}'[^']*'?|[^\s,;})\]&]+)"
SECRETS = (
    # First: else the scheme would be cut for the value.
    re.compile(r"(?i)((?:bearer|basic|digest)\s+)[\w.~+/=-]+"),
    # password=..., 'api_key': '...': the value, to the end of what can be seen of it.
    re.compile(rf"([\w.-]*(?:{HIDDEN_NAME.pattern})[\w.-]*['\"]?\s*[:=]\s*){VALUE}", re.IGNORECASE),
    # user:password@host in an address.
    re.compile(r"(\w+://[^\s/:@]*:)[^\s/@]+(?=@)"),
    re.compile(r"()eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*", re.DOTALL),
    # Long runs that mix letters and digits: keys of every kind.
    re.compile(r"()(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{32,}={0,2}"),
)
SHAPED = ("numpy", "pandas", "polars", "torch")
"""Libraries whose `shape` and `dtype` are known to be harmless to ask for."""


def short_repr(one: Any) -> str:
    """At most MOST_CHARACTERS: some entries of a container, the shape of an array.

    Of any other type only its name is told: its repr is the service's code, and may hold anything.
    Values beside names that sound like a secret are cut, and so is what looks like a key.
    """
    text = cut_secrets(_Short().repr(one))
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def cut_secrets(text: str) -> str:
    """The text with values that look secret replaced."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\g<1>{CUT}", text)
    return text


class _Short(reprlib.Repr):
    """Never sorts, never writes out the whole of what is large."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = 60
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = 4
        self.maxlevel = 3

    def repr_instance(self, one: Any, level: int) -> str:  # noqa: ARG002
        words = [type(one).__qualname__]
        if type(one).__module__.split(".")[0] in SHAPED:
            words += [f"{name}={getattr(one, name, None)!s:.40}" for name in ("shape", "dtype")]
        return f"<{' '.join(words)}>"

    def repr_bytes(self, one: bytes, level: int) -> str:  # noqa: ARG002
        return repr(one[:60]) + ("..." if len(one) > 60 else "")

    def repr_bytearray(self, one: bytearray, level: int) -> str:  # noqa: ARG002
        return repr(one[:60]) + ("..." if len(one) > 60 else "")

    def repr_int(self, one: int, level: int) -> str:  # noqa: ARG002
        # Writing out a number of megabytes takes minutes.
        return repr(one) if one.bit_length() < 256 else f"<int of {one.bit_length()} bits>"

    def repr_dict(self, one: dict[Any, Any], level: int) -> str:
        shown = list(islice(one.items(), self.maxdict))
        parts = [f"{self.repr1(key, level - 1)}: {self._value(key, value, level)}"
                 for key, value in shown] if level > 0 else []  # fmt: skip
        return "{" + ", ".join(parts) + self._rest(one, len(parts)) + "}"

    def _value(self, key: Any, value: Any, level: int) -> str:
        if type(key) is str and HIDDEN_NAME.search(key):
            return CUT
        return self.repr1(value, level - 1)

    def repr_set(self, one: Collection[Any], level: int) -> str:
        parts = [self.repr1(part, level - 1) for part in islice(one, self.maxset)] if level else []
        inner = ", ".join(parts) + self._rest(one, len(parts))
        return f"{type(one).__name__}({{{inner}}})"

    def repr_frozenset(self, one: Collection[Any], level: int) -> str:
        return self.repr_set(one, level)

    def _rest(self, one: Collection[Any], shown: int) -> str:
        return f", ... {len(one)} in all" if len(one) > shown else ""
