"""One user as one open connection: what it counts, and that it closes at once."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent.pool import Group
from gevent.server import StreamServer
from locust.env import Environment

from scenarios.loading import validate
from scenarios.model import RECONNECT
from scenarios.users import user_class_for

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b"10\r\ndata: 12345678\n\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Behaviour = Callable[[Any], None]


class Server:
    """Behaves as it is told on each connection, and knows how many are open."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.opened = self.open = 0
        self._behaviour = behaviour
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _serve(self, connection: Any, _address: Any) -> None:
        self.opened, self.open = self.opened + 1, self.open + 1
        try:
            self._behaviour(connection)
        except OSError:
            pass
        finally:
            connection.close()
            self.open -= 1

    def stop(self) -> None:
        self._server.stop()


def events_for_ever(connection: Any) -> None:
    connection.recv(4096)
    connection.sendall(HEAD)
    while True:
        connection.sendall(EVENT)
        gevent.sleep(0.01)


def one_event(connection: Any) -> None:
    connection.recv(4096)
    connection.sendall(HEAD + EVENT + b"0\r\n\r\n")


def answers(times: int) -> Behaviour:
    def answer(connection: Any) -> None:
        for _ in range(times):
            if not connection.recv(4096):
                return
            connection.sendall(ANSWER)

    return answer


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Server]]:
    started: list[Server] = []

    def start(behaviour: Behaviour) -> Server:
        started.append(Server(behaviour))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def held_by(server: Server, kind: str, **keys: Any) -> tuple[Environment, Any, Group]:
    """A user that has begun to hold its connection."""
    scenario = validate(
        {
            "name": "held",
            "target": {"base_url": server.url},
            "weights": {"light": 1, "medium": 0, "heavy": 0},
            "endpoints": [{"path": "/other", "tier": "light"}],
            "connections": {"kind": kind, "path": "/held?token=1", "count": 1, **keys},
        },
        "x.toml",
    )
    options = Namespace(plan="connections", num_users=1, master=False)
    environment = Environment(
        user_classes=[user_class_for(scenario, server.url)], parsed_options=options
    )
    user = environment.user_classes[0](environment)
    # Environment's own statistics are a runner's: counted here as a runner does.
    environment.events.request.add_listener(lambda **told: note(environment, told))
    group = Group()
    user.start(group)
    return environment, user, group


def note(environment: Environment, told: dict[str, Any]) -> None:
    environment.stats.log_request(
        told["request_type"], told["name"], told["response_time"], told["response_length"]
    )


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        gevent.sleep(0.01)


def counted(environment: Environment) -> dict[str, int]:
    return {name: entry.num_requests for (name, _), entry in environment.stats.entries.items()}


def test_a_stream_counts_once_when_it_is_open_and_closes_at_once_with_its_user(
    serve: Callable[[Behaviour], Server],
) -> None:
    server = serve(events_for_ever)
    environment, user, group = held_by(server, "events")
    wait_until(lambda: counted(environment) == {"/held": 1})
    gevent.sleep(0.2)
    assert user.stop() is True, "it had to be asked to finish first"
    group.join(timeout=5)
    wait_until(lambda: server.open == 0)
    assert counted(environment) == {"/held": 1}
    assert server.opened == 1


def test_a_stream_that_the_server_ends_is_opened_again_under_its_own_name(
    serve: Callable[[Behaviour], Server],
) -> None:
    server = serve(one_event)
    environment, _, group = held_by(server, "events")
    wait_until(lambda: RECONNECT in counted(environment))
    group.kill()
    assert counted(environment)["/held"] == 1


def test_a_slow_client_reads_no_faster_than_it_is_told(
    serve: Callable[[Behaviour], Server],
) -> None:
    sent = []

    def much(connection: Any) -> None:
        connection.recv(4096)
        connection.sendall(HEAD)
        while True:
            sent.append(connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n"))

    environment, user, group = held_by(serve(much), "events", read_bytes_per_second=1000)
    wait_until(lambda: bool(counted(environment)))
    gevent.sleep(1.0)
    total = sum(sent)
    gevent.sleep(1.0)
    assert sum(sent) - total < 1_000_000, "the kernel's buffers are full, and nobody empties them"
    assert user.stop() is True
    group.join(timeout=5)


@pytest.mark.parametrize(("times", "names"), [(100, {"/held"}), (1, {"/held", RECONNECT})])
def test_a_kept_connection_is_touched_and_told_where_it_had_to_be_opened_again(
    serve: Callable[[Behaviour], Server], times: int, names: set[str]
) -> None:
    server = serve(answers(times))
    environment, _, group = held_by(server, "keep-alive", touch_seconds=0.1)
    wait_until(lambda: sum(counted(environment).values()) >= 4)
    group.kill()
    wait_until(lambda: server.open == 0)
    found = counted(environment)
    assert set(found) == names
    assert server.opened == (1 if times == 100 else sum(found.values()))
