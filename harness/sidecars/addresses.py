"""Sidecars on other hosts, as they are named on the command line."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.hosts import is_loopback
from memory_sidecar.connection import tls_for_clients
from memory_sidecar.errors import SidecarError
from rundir.layout import TARGET_NAME
from scenarios.errors import UsageError

TOKEN_VARIABLE = "PLIMSOLL_SIDECAR_TOKEN"  # noqa: S105 - the variable's name, not a token
AUTHORITY_VARIABLE = "PLIMSOLL_SIDECAR_CA"


@dataclass(frozen=True, slots=True)
class SidecarAddress:
    """One sidecar: the name of what it watches, and where it answers."""

    name: str
    url: str

    @property
    def is_open(self) -> bool:
        """Whether the token travels unencrypted to another machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and not is_loopback(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class Access:
    """What all sidecars of a run want: the token, and who vouches for them (None: the system)."""

    token: str
    authority: Path | None = None

    def tls(self) -> ssl.SSLContext:
        """Verifies certificates. Raises UsageError where the authority's file is none."""
        try:
            return tls_for_clients(self.authority)
        except SidecarError as error:
            raise UsageError(str(error)) from None

    @property
    def environ(self) -> dict[str, str]:
        """The same for a process of ours."""
        ca = {} if self.authority is None else {AUTHORITY_VARIABLE: str(self.authority)}
        return {TOKEN_VARIABLE: self.token} | ca


def access_from(environ: Mapping[str, str], authority: str | None) -> Access:
    """The token is read from the environment alone: a command line is seen by others.

    Raises UsageError without one.
    """
    token = environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise UsageError(
            f"--sidecar-url needs the sidecars' token: set {TOKEN_VARIABLE} (make: SIDECAR_TOKEN=)"
        )
    ca = authority or environ.get(AUTHORITY_VARIABLE) or None
    return Access(token, None if ca is None else Path(ca))


def access_for(options: Any) -> Access:
    """As the options and the environment say. Raises UsageError."""
    return access_from(os.environ, options.sidecar_ca)


def parse_addresses(text: str) -> tuple[SidecarAddress, ...]:
    """`https://host:8765`, or several: `web=https://a:8765,worker=https://b:8765`.

    Without a name the only one is `target`, of several the second is `replica-2`. Raises
    UsageError.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError("--sidecar-url is empty; give https://host:port, or leave it out")
    found = [_address(word, number, len(words)) for number, word in enumerate(words, 1)]
    _refuse_twice("name", [one.name for one in found])
    _refuse_twice("address", [one.url for one in found])
    return tuple(found)


def _address(word: str, number: int, count: int) -> SidecarAddress:
    name, named, rest = word.partition("=")
    if not named or "://" in name:
        name, rest = ("target" if count == 1 else f"replica-{number}"), word
    if not TARGET_NAME.fullmatch(name):
        raise UsageError(
            f"--sidecar-url {word}: '{name}' is no name for a target; use letters, digits, '-'"
        )
    try:
        parts = urlsplit(rest)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.query or parts.fragment:
        raise UsageError(f"--sidecar-url {word}: expected [name=]https://host:port")
    if parts.username or parts.password:
        raise UsageError(
            f"--sidecar-url {parts.hostname}: no user and password in it; the token is"
            f" {TOKEN_VARIABLE}"
        )
    return SidecarAddress(name, rest.rstrip("/"))


def _refuse_twice(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise UsageError(f"--sidecar-url: the {what} {value} is given twice")
        seen.add(value)
