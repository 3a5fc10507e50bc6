"""The cap on requests, shared out: all of it for a lone Locust, a part for each worker."""

from __future__ import annotations

from locust.env import Environment
from locust.runners import MasterRunner

from harness.guards.turnstile import Turnstile
from harness.guards.users import SHARE


class RateShares:
    """Gives out `rate` requests per second; on a master, anew at every heartbeat.

    Shares never grow while a run goes on: a worker that is out of sight may still be sending.
    """

    def __init__(self, environment: Environment, rate: float, turnstile: Turnstile) -> None:
        self._environment = environment
        self._rate = rate
        self._turnstile = turnstile
        self._most_workers = 0

    def run_begins(self) -> None:
        """No worker is out of sight any more."""
        self._most_workers = 0
        self.give()

    def give(self) -> None:
        """Tell everybody their share; a worker sends nothing before it has heard of one."""
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner):
            self._turnstile.turn_to(self._rate)
            return
        self._most_workers = max(self._most_workers, runner.worker_count)
        if self._most_workers:
            runner.send_message(SHARE, {"rate": self._rate / self._most_workers})
