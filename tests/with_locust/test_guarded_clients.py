"""No request leaves for a host that nobody allowed: redirects, absolute addresses, both clients.

A name that may not be loaded must not even be looked up.
"""

from __future__ import annotations

import socket
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from locust import FastHttpUser, HttpUser, User
from locust.env import Environment

from harness.guards.users import GuardedUsers, check_can_be_paced
from harness.health import wait_until_healthy
from scenarios.errors import UsageError
from scenarios.loading import validate
from scenarios.users import user_class_for

FOREIGN = "http://staging.example.com/login"


class Server(ThreadingHTTPServer):
    """Answers /ok; /to/NUMBER sends to that address of `places`."""

    places: tuple[str, ...] = ()
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, kind, *number = self.path.split("/")
        self.send_response(302 if kind == "to" else 200)
        if kind == "to":
            self.send_header("Location", self.server.places[int(number[0])])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answers) as server:
        server.asked = []
        server.places = (FOREIGN, f"http://localhost:{server.server_port}/ok", "/ok")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that somebody asked the resolver for; none but this machine's gets an answer."""
    names: list[str] = []
    resolve = socket.getaddrinfo

    def note(host: str, *words: Any, **more: Any) -> Any:
        names.append(host)
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(f"{host} was looked up")
        return resolve(host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    monkeypatch.setattr("gevent.socket.getaddrinfo", note)
    return names


def guarded(user_class: type[User], server: Server, **options: Any) -> tuple[Any, list[str]]:
    """A user of that class, and the failures that Locust is told."""
    given = Namespace(**({"allow_host": None, "max_rps": None, "web_base_path": ""} | options))
    user_class.host = server.url
    environment = Environment(user_classes=[user_class], parsed_options=given)
    failures: list[str] = []
    environment.events.request.add_listener(
        lambda exception, **_: failures.append(str(exception)) if exception else None
    )
    GuardedUsers(environment, verify_tls=True)
    return user_class(environment), failures


def written(base: type[User]) -> type[User]:
    return type("Written", (base,), {"abstract": False})


BOTH = pytest.mark.parametrize("base", [FastHttpUser, HttpUser], ids=["fast", "requests"])


@BOTH
@pytest.mark.parametrize("path", ["/to/0", FOREIGN], ids=["redirect", "absolute"])
def test_a_foreign_host_gets_nothing_and_its_name_is_not_looked_up(
    base: type[User], path: str, server: Server, looked_up: list[str]
) -> None:
    user, failures = guarded(written(base), server)
    user.client.get(path)
    assert set(looked_up) <= {"127.0.0.1"}
    (failure,) = failures
    assert "no load to host 'staging.example.com'" in failure


@BOTH
@pytest.mark.parametrize("number", [1, 2])
def test_redirects_on_this_machine_are_followed(
    base: type[User], number: int, server: Server
) -> None:
    user, failures = guarded(written(base), server)
    assert user.client.get(f"/to/{number}").status_code == 200
    assert (server.asked, failures) == ([f"/to/{number}", "/ok"], [])


@BOTH
def test_a_redirect_to_a_host_that_is_allowed_by_name_is_followed(
    base: type[User], server: Server, looked_up: list[str]
) -> None:
    user, _ = guarded(written(base), server, allow_host="staging.example.com")
    user.client.get("/to/0")
    assert "staging.example.com" in looked_up


def scenario_user(server: Server, expected: list[int]) -> tuple[Any, list[str]]:
    endpoint = {"path": "/to/0", "tier": "light", "expect_status": expected}
    content = {
        "name": "a",
        "target": {"base_url": server.url},
        "weights": {"light": 1, "medium": 0, "heavy": 0},
        "endpoints": [endpoint],
    }
    return guarded(user_class_for(validate(content, "a"), server.url), server)


def test_a_scenario_may_expect_the_redirect_itself(server: Server) -> None:
    user, failures = scenario_user(server, [302])
    user.send(user.scenario.endpoints[0])
    assert (failures, server.asked) == ([], ["/to/0"])


def test_a_scenario_that_does_not_is_told_where_it_led(server: Server) -> None:
    user, failures = scenario_user(server, [200])
    user.send(user.scenario.endpoints[0])
    assert failures == [
        "status 302, expected 200 (redirect to host 'staging.example.com' not followed:"
        " it is not allowed by name)"
    ]


def test_the_health_check_does_not_follow_to_a_foreign_host(
    server: Server, looked_up: list[str]
) -> None:
    wait_until_healthy(server.url + "/to/0", 5.0, say=print, gone=lambda: None)
    assert set(looked_up) == {"127.0.0.1"}


def test_tls_is_verified_for_classes_written_by_hand(server: Server) -> None:
    user, _ = guarded(written(FastHttpUser), server)
    make_context = user.client.client.clientpool.client_args["ssl_context_factory"]
    assert make_context().verify_mode is ssl.CERT_REQUIRED


def test_a_redirect_that_is_followed_counts_against_the_cap(server: Server) -> None:
    user_class = written(FastHttpUser)
    given = Namespace(allow_host=None, max_rps=1.0, web_base_path="")
    user_class.host = server.url
    guards = GuardedUsers(Environment(user_classes=[user_class], parsed_options=given), True)
    guards.turnstile.turn_to(1.0)
    made: Any = user_class
    made(Environment(user_classes=[], parsed_options=given)).client.get("/to/2")
    assert 1.0 < guards.turnstile._spacing.delay(guards.turnstile._clock()) <= 2.0


def test_a_rate_cap_for_a_class_without_an_http_client_is_refused() -> None:
    with pytest.raises(UsageError, match="MAX_RPS cannot hold user class Written"):
        check_can_be_paced([written(User)])
