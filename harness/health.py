"""Wait until the target answers, with progress and a timeout."""

from __future__ import annotations

import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from harness.hosts import is_allowed
from scenarios.errors import UsageError


def wait_until_healthy(
    url: str,
    timeout_seconds: float,
    *,
    say: Callable[[str], None],
    gone: Callable[[], str | None],
    verify_tls: bool = True,
    allowed: str | None = None,
) -> None:
    """Ask `url` until it answers below 500; a redirect to a host that is not allowed is an answer.

    `gone` gives a reason once the target has exited. Raises UsageError when it has, or when
    nothing useful came within `timeout_seconds`.
    """
    started = time.monotonic()
    last, told = "no answer", 0.0
    while True:
        why = gone()
        if why:
            raise UsageError(f"the target exited before it answered {url}: {why}")
        answer = _ask(url, verify_tls, allowed)
        if answer is None:
            return
        last = answer
        waited = time.monotonic() - started
        if waited >= timeout_seconds:
            raise UsageError(
                f"{url} did not answer within {timeout_seconds:g} s (last: {last}); check the "
                "address and the health path, or raise health_timeout_seconds"
            )
        if waited - told >= 2.0:
            told = waited
            say(f"waiting for {url}: {last} ({waited:.0f} of {timeout_seconds:g} s)")
        time.sleep(0.1)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to the hosts that may be loaded; elsewhere nothing is asked."""

    def __init__(self, allowed: str | None) -> None:
        self._allowed = allowed

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        to = urlsplit(newurl)
        if not is_allowed(to.hostname or "", to.port, self._allowed):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _ask(url: str, verify_tls: bool, allowed: str | None) -> str | None:
    context = ssl.create_default_context() if verify_tls else ssl._create_unverified_context()  # noqa: S323
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=context),
        _Redirects(allowed),
    )
    try:
        with opener.open(url, timeout=3.0):
            return None
    except urllib.error.HTTPError as error:
        # A service that answers 401 or 404 is up; one that answers 503 is not ready yet.
        return f"status {error.code}" if error.code >= 500 else None
    except urllib.error.URLError as error:
        return str(error.reason)
    except (TimeoutError, OSError, ValueError) as error:
        return str(error) or type(error).__name__
