"""A hand-written user whose two kinds of request come in waves of opposite phase."""

from __future__ import annotations

import math
import random
import time

from locust import FastHttpUser, constant, task

SECONDS_PER_WAVE = 16.0
DEPTH = 0.45


class WavesUser(FastHttpUser):
    """Asks the heavy endpoint mostly in one half of each wave, the medium one in the other."""

    wait_time = constant(0.1)

    @task
    def ask(self) -> None:
        """One request; which, is a matter of the time."""
        share = 0.5 + DEPTH * math.sin(2 * math.pi * time.monotonic() / SECONDS_PER_WAVE)
        if random.random() < share:
            body = {"symbol": "AAPL", "window": 20}
            self.client.post("/api/v1/analysis", json=body, name="/api/v1/analysis")
        else:
            self.client.get("/api/v1/quote/AAPL", name="/api/v1/quote")
