"""Workers that are lost or join, seen on a real master and real workers."""

from __future__ import annotations

import gevent
from locust import User
from locust.env import Environment

from harness.workers import Workers


class Idle(User):
    def on_start(self) -> None:
        gevent.sleep(60)


def until(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    with gevent.Timeout(seconds):
        while not condition():
            gevent.sleep(0.05)


def test_a_worker_that_falls_silent_is_lost_once_and_one_that_comes_has_joined() -> None:
    master = Environment(user_classes=[Idle]).create_master_runner("127.0.0.1", 0)
    port = master.server.port
    first = Environment(user_classes=[Idle]).create_worker_runner("127.0.0.1", port)
    until(lambda: len(master.clients.all) == 1)
    workers = Workers(master)
    second = Environment(user_classes=[Idle]).create_worker_runner("127.0.0.1", port)
    until(lambda: len(master.clients.all) == 2)
    assert list(workers.changes()) == [("worker_joined", {"worker": second.client_id, "left": 2})]
    # As a container that is killed: no word of leave.
    first.greenlet.kill(block=True)
    until(lambda: len(master.clients.missing) == 1)
    assert list(workers.changes()) == [("worker_lost", {"worker": first.client_id, "left": 1})]
    assert list(workers.changes()) == []
    second.quit()
    master.quit()


def test_a_process_without_workers_has_none_to_lose() -> None:
    runner = Environment(user_classes=[Idle]).create_local_runner()
    assert list(Workers(runner).changes()) == []
    runner.quit()
