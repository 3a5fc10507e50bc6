"""Which hosts may be loaded: loopback, and those that are allowed by name."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from scenarios.errors import UsageError


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine, without asking a name server."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_allowed(host: str, port: int | None, allowed: str | None) -> bool:
    """Whether load may go there: loopback, or named in `allowed` (comma-separated)."""
    names = {name.strip().lower() for name in (allowed or "").split(",") if name.strip()}
    with_port = f"{host}:{port}" if port else host
    return is_loopback(host) or host.lower() in names or with_port.lower() in names


def check_host(base_url: str, allowed: str | None) -> None:
    """Raise UsageError unless the URL's host is loopback or in `allowed` (comma-separated)."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"host '{base_url}': not a URL ({error})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"host '{base_url}': expected http://name:port or https://name")
    if is_allowed(host, port, allowed):
        return
    raise UsageError(
        f"host '{host}' is not loopback: no load is sent to it unless it is allowed by name; "
        f"if it is yours to load, add ALLOW_HOST={host} (or --allow-host {host})"
    )
