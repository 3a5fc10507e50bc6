"""The web UI's start form: the same checks as on the command line, before Locust takes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from flask import jsonify, request

from harness.guards.guarding import Guarding, check_form
from harness.hosts import check_host
from harness.isolating import check_isolating
from scenarios.errors import UsageError
from scenarios.mix import loaded_tiers
from scenarios.model import Scenario
from scenarios.options import settings_from
from scenarios.phases import make_plan


def refuse_bad_form(
    options: Any,
    scenario: Scenario,
    guarding: Guarding | None,
    host: str,
    say: Callable[[str], None],
) -> Any:
    """An answer that says what is wrong; None lets the request pass."""
    if request.method != "POST" or not request.path.endswith("/swarm"):
        return None
    try:
        check_form(options, request.form)
        given = _with_form(options, request.form)
        settings = settings_from(given, scenario)
        plan = make_plan(settings, loaded_tiers(scenario))
        check_isolating(plan, scenario, settings, given.sample_interval)
        if guarding:
            guarding.check_users(settings.users)
        check_host(request.form.get("host") or host, given.allow_host)
    except UsageError as error:
        say(f"error: {error}")
        return jsonify({"success": False, "message": str(error)})
    return None


def _with_form(options: Any, form: Any) -> Any:
    merged = vars(options) | {
        {"user_count": "num_users"}.get(key, key): value for key, value in form.items() if value
    }
    return argparse.Namespace(**merged)
