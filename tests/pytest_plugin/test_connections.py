"""Real servers of events: those that let go, and those that do not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.free_port import free_port
from reports.errors import UsageError
from reports.pytest_plugin.connections import check_connections_come_back
from tests.pytest_plugin.conftest import ROOT, Suite
from tests.pytest_plugin.streaming import server

pytestmark = pytest.mark.live


def wait_until_it_listens(port: int, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


@contextmanager
def running(kind: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.pytest_plugin.streaming", str(port), kind]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_until_it_listens(port)
            yield f"http://127.0.0.1:{port}/events"
        finally:
            process.kill()


def test_a_server_that_lets_go_passes() -> None:
    with running("good") as url:
        check_connections_come_back(url, connections=20)


def test_a_server_that_holds_its_connections_fails_with_the_counts() -> None:
    with (
        running("keeping") as url,
        pytest.raises(pytest.fail.Exception, match="connections are still held by the server 1 s"),
    ):
        check_connections_come_back(url, connections=20, within_seconds=1)


def test_descriptors_that_grow_with_every_round_fail_although_connections_come_back() -> None:
    with (
        running("opening") as url,
        pytest.raises(pytest.fail.Exception, match="descriptors grow with every round"),
    ):
        check_connections_come_back(url, connections=10, within_seconds=2, rounds=2)


def test_a_pool_that_fills_once_is_no_leak() -> None:
    with running("pooling") as url:
        check_connections_come_back(url, connections=10, within_seconds=2)


def test_a_server_in_a_thread_of_the_test_is_told_from_its_clients() -> None:
    port = free_port()
    started = server(port, "good")
    thread = threading.Thread(target=started.run)
    thread.start()
    try:
        wait_until_it_listens(port)
        url = f"http://localhost:{port}/events"
        check_connections_come_back(url, connections=10, pid=os.getpid())
    finally:
        started.should_exit = True
        thread.join()


def test_a_stream_without_an_event_is_told() -> None:
    with running("good") as url, pytest.raises(UsageError, match="ends before its first event"):
        check_connections_come_back(url.replace("events", "empty"))


def test_the_fixture_is_there(suite: Suite) -> None:
    source = """
def test_stream(connections_come_back):
    connections_come_back("http://example.com/events")
"""
    assert "only loopback addresses" in suite.run(source).text


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com/events", "example.com is not this machine"),
        ("http://192.168.1.7:8000/events", "192.168.1.7 is not this machine"),
        ("http://127.0.0.1.example.com/events", "is not this machine"),
        ("https://127.0.0.1/events", "is no http:// address"),
        ("http://127.0.0.1:99999/events", "Port out of range"),
        ("http://127.0.0.1:1/events", "listens on port 1"),
    ],
)
def test_addresses_that_are_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        check_connections_come_back(url)
