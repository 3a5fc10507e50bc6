"""Locust's web UI: a port that is free, a start form that is checked, and the live page."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust.env import Environment

from harness.guards.guarding import Guarding
from harness.live.history import LiveRun
from harness.live.page import LivePage
from harness.start_form import refuse_bad_form
from scenarios.errors import UsageError
from scenarios.model import Scenario


def check_address_is_free(options: Any) -> None:
    """Raise UsageError where the web UI could not listen, before anything is started for it."""
    host, port = _address(options)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"web UI: {host}:{port} cannot be used ({error.strerror}); choose another with "
                "--web-port"
            ) from None


def extend_web_ui(
    web_ui: Any,
    environment: Environment,
    scenario: Scenario,
    guarding: Guarding,
    *,
    live: Callable[[], LiveRun | None],
    say: Callable[[str], None],
) -> None:
    """Check its start form as the command line is, add the live page, and say where it is."""
    options: Any = environment.parsed_options

    def refuse() -> Any:
        return refuse_bad_form(options, scenario, guarding, str(environment.host), say)

    web_ui.app.before_request(refuse)
    LivePage(web_ui, Path(options.runs_dir), live)
    host, port = _address(options)
    say(f"open http://{host}:{port} and press Start; memory is on its page /memory; Ctrl-C ends it")


def _address(options: Any) -> tuple[str, int]:
    return options.web_host or "127.0.0.1", options.web_port
