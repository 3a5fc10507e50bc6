"""Alerts to an address of the user's: chat channels and on-call tools take such posts."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import gevent

from scenarios.errors import UsageError

TIMEOUT_SECONDS = 5.0


class Webhook:
    """Posts JSON without holding up the run; an address that does not answer is told once."""

    def __init__(self, url: str, say: Callable[[str], None]) -> None:
        """Raises UsageError for what is no http(s) address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"--alert-webhook {url}: expected http://... or https://...")
        # The path of such an address is a secret: only the host is ever shown.
        self._host = parts.hostname
        self._url = url
        self._say = say
        self._told = False

    def send(self, text: str, *, run: str, phase: str) -> None:
        """`text` is what chat tools show; the other keys are for programs."""
        gevent.spawn(self._post, {"text": f"Plimsoll: {text}", "run": run, "phase": phase})

    def _post(self, words: dict[str, str]) -> None:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self._url,
            data=json.dumps(words).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
                pass
        except (OSError, ValueError) as error:
            if not self._told:
                self._told = True
                why = getattr(error, "reason", None) or error
                self._say(f"warning: the alert webhook at {self._host} did not answer: {why}")
