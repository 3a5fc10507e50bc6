"""Requests queue for their slots: in order, nobody left out, nobody in the way when gone."""

from __future__ import annotations

import gevent

from harness.guards.turnstile import Turnstile


class Slow:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        gevent.sleep(0)


def turnstile(rate: float) -> tuple[Turnstile, Slow]:
    clock = Slow()
    return Turnstile(rate, clock=lambda: clock.now, sleep=clock.sleep), clock


def test_users_pass_in_the_order_in_which_they_came() -> None:
    gate, clock = turnstile(2)
    passed: list[tuple[int, float]] = []

    def user(number: int) -> None:
        gate.pass_through()
        passed.append((number, clock.now - 100.0))

    gevent.joinall([gevent.spawn(user, number) for number in range(5)], raise_error=True)
    assert passed == [(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]


def test_each_of_many_users_gets_its_turn() -> None:
    gate, clock = turnstile(100)
    turns = [0] * 40

    def user(number: int) -> None:
        while clock.now < 110.0:
            gate.pass_through()
            turns[number] += 1

    gevent.joinall([gevent.spawn(user, number) for number in range(40)], raise_error=True)
    assert max(turns) - min(turns) <= 2
    # Those in the queue at the end pass, too.
    assert 1000 <= sum(turns) <= 1000 + 41


def test_users_that_are_taken_away_leave_their_slots_to_the_others() -> None:
    gate, clock = turnstile(1)
    passed: list[int] = []

    def user(number: int) -> None:
        gate.pass_through()
        passed.append(number)

    gate.turn_to(0)
    users = [gevent.spawn(user, number) for number in range(6)]
    gevent.sleep(0)
    gevent.killall([users[0], users[2], users[3]])
    gate.turn_to(1)
    gevent.joinall(users)
    assert passed == [1, 4, 5]
    assert clock.now == 102.0


def test_closed_it_lets_nobody_through_until_it_has_a_rate() -> None:
    gate, _ = turnstile(0)
    user = gevent.spawn(gate.pass_through)
    gevent.sleep(0.01)
    waiting = not user.ready()
    gate.turn_to(5)
    user.join(timeout=5)
    assert (waiting, user.ready()) == (True, True)
