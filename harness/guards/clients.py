"""HTTP clients of users under guard: no request to a foreign host, none faster than the cap.

Each client is guarded by itself, after its user has made it: classes written by hand choose theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from geventhttpclient.useragent import CompatRequest, CompatResponse, ConnectionError
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession, LocustUserAgent
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING
from requests import PreparedRequest, RequestException, Response

from harness.guards.turnstile import Turnstile

MayLoad = Callable[[str, int | None], bool]
"""Whether load may go to a host and port."""

Charge = Callable[[], None]
"""Tells that a request went beside those that were paced."""


class ForeignHost(ConnectionError):
    """A request or a redirect to a host that is not allowed; it was not sent."""

    def __init__(self, host: str) -> None:
        super().__init__(None, f"no load to host '{host}': it is not allowed by name (ALLOW_HOST)")

    def __str__(self) -> str:
        return self.text


def guard_hosts(client: Any, may_load: MayLoad, charge: Charge) -> None:
    """Hold every request of the client, and every redirect that it would follow, to the hosts."""
    if isinstance(client, FastHttpSession):
        _guard_agent(client.client, may_load, charge)
    elif isinstance(client, HttpSession):
        _guard_session(client, may_load, charge)


def _guard_agent(agent: LocustUserAgent, may_load: MayLoad, charge: Charge) -> None:
    send: Callable[[CompatRequest], CompatResponse] = agent._urlopen

    def guarded(request: CompatRequest) -> CompatResponse:
        address = request.url_split
        if not may_load(address.host, address.port):
            raise ForeignHost(address.host)
        response = send(request)
        location = response.headers.get("location")
        if response.status_code not in agent.redirect_response_codes or not location:
            return response
        to = address.redirect(str(location))
        if to.host and not may_load(to.host, to.port):
            # What the service answered is kept: a scenario may expect just this redirect.
            if agent.cookiejar is not None:
                agent.cookiejar.extract_cookies(response, request)  # type: ignore[arg-type]
            error = ForeignHost(to.host)
            error.response = response  # type: ignore[attr-defined]
            raise error
        charge()
        return response

    agent._urlopen = guarded  # type: ignore[method-assign]


def _guard_session(session: HttpSession, may_load: MayLoad, charge: Charge) -> None:
    send = session.send

    def guarded(request: PreparedRequest, **how: Any) -> Response:
        # Called again, by the one below, for each redirect that is followed.
        _refuse_foreign(str(request.url), may_load)
        answer = send(request, **how)
        if how.get("allow_redirects", True):
            for _ in answer.history:
                charge()
        return answer

    session.send = guarded  # type: ignore[method-assign]


def _refuse_foreign(url: str, may_load: MayLoad) -> None:
    parts = urlsplit(url)
    if parts.hostname and not may_load(parts.hostname, parts.port):
        raise RequestException(str(ForeignHost(parts.hostname)))


def pace(user: Any, turnstile: Turnstile) -> None:
    """Let each request of the user's client pass the turnstile before its time is taken."""
    client = user.client
    send = client.request

    def paced(*words: Any, **more: Any) -> Any:
        state = user._state
        if state == LOCUST_STATE_RUNNING:
            # As in Locust's own wait(): a user that waits can be taken away at once, and does
            # not send its request into the cooldown.
            user._state = LOCUST_STATE_WAITING
        turnstile.pass_through()
        user._state = state
        return send(*words, **more)

    client.request = paced
