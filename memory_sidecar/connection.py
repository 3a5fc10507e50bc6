"""One kept HTTP connection to a server elsewhere: TLS is agreed upon once, not each second."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from memory_sidecar.errors import SidecarError, SidecarUnreachable


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by their names in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def tls_for_clients(authority: Path | None) -> ssl.SSLContext:
    """Verifies by the system's authorities, or by `authority` alone. Raises SidecarError."""
    try:
        return ssl.create_default_context(cafile=None if authority is None else str(authority))
    except (OSError, ssl.SSLError) as error:
        raise SidecarError(
            f"--sidecar-ca {authority}: {error.strerror or error}; give a PEM certificate"
        ) from None


class Connection:
    """To one URL. Redirects are not followed: the token is for this server alone."""

    def __init__(self, url: str, tls: ssl.SSLContext, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        self._url = url
        self._base = parts.path.rstrip("/")
        host, port = parts.hostname or "", parts.port
        self._http: http.client.HTTPConnection
        if parts.scheme == "https":
            self._http = http.client.HTTPSConnection(
                host, port, timeout=timeout_seconds, context=tls
            )
        else:
            self._http = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
        self._lock = threading.Lock()

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """One request and its whole answer. Raises SidecarUnreachable."""
        with self._lock:
            kept = self._http.sock is not None
            try:
                return self._ask(method, path, headers, body)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                if not kept:
                    raise self._unreachable(error) from None
            except (OSError, http.client.HTTPException) as error:
                raise self._unreachable(error) from None
            try:
                # A kept connection may have been closed meanwhile, which says nothing.
                return self._ask(method, path, headers, body)
            except (OSError, http.client.HTTPException) as error:
                raise self._unreachable(error) from None

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        try:
            self._http.request(method, self._base + path, body=body, headers=headers)
            answer = self._http.getresponse()
            content = answer.read()
        except BaseException:
            self._http.close()
            raise
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)

    def _unreachable(self, error: Exception) -> SidecarUnreachable:
        why = str(error) or type(error).__name__
        if isinstance(error, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted ({error.verify_message})"
        elif isinstance(error, ssl.SSLError) and "WRONG_VERSION" in why:
            why = "it does not speak TLS: http:// instead of https://?"
        return SidecarUnreachable(f"the sidecar at {self._url} does not answer: {why}")
