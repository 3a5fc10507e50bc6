"""How Locust behaves under the suite, where that differs from Locust alone."""

from __future__ import annotations

import logging
from typing import Any

from locust.env import Environment

from harness.interrupting import interrupt_main_greenlet


def settle_locust(environment: Environment, base_url: str) -> None:
    """All users load `base_url`; Ctrl-C and the end of a run are as the suite needs them."""
    environment.host = base_url
    for user_class in environment.user_classes:
        user_class.host = base_url
    # In-flight requests may finish when users leave: a cut connection is no service failure.
    environment.stop_timeout = environment.stop_timeout or 5.0
    interrupt_main_greenlet()
    options: Any = environment.parsed_options
    if options.headless:
        # Locust's tables average over phases without users; the report has one per phase.
        options.only_summary = True
        logging.getLogger("locust.stats_logger").setLevel(logging.WARNING)
