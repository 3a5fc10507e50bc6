"""All that a person gave this process, checked before anything is started or written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from locust.env import Environment

from harness.guards.guarding import Guarding
from harness.inside import inside_of
from harness.isolating import check_isolating
from harness.target_under_test import TargetUnderTest
from harness.web_ui import check_address_is_free
from harness.webhook import Webhook
from scenarios.errors import UsageError
from scenarios.loading import with_gates
from scenarios.mix import loaded_tiers
from scenarios.model import Scenario
from scenarios.options import settings_from
from scenarios.phases import make_plan


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """`by_hand`: no plan, somebody drives the web UI; `scenario` has the gates that were given."""

    scenario: Scenario
    by_hand: bool
    target: TargetUnderTest
    guarding: Guarding
    webhook: Webhook | None


def check_input(
    environment: Environment, scenario: Scenario, web_ui: Any, say: Callable[[str], None]
) -> CheckedInput:
    """Raises UsageError, or memory_sidecar's TargetError where the target cannot be found."""
    options: Any = environment.parsed_options
    settings = settings_from(options, scenario)
    plan = make_plan(settings, loaded_tiers(scenario))
    check_isolating(plan, scenario, settings, options.sample_interval)
    by_hand = plan.kind == "manual"
    if by_hand and options.headless:
        raise UsageError("--plan manual needs the web UI; leave out --headless")
    if not 0.01 <= options.sample_interval <= 60:
        raise UsageError(f"INTERVAL={options.sample_interval:g}: expected 0.01 to 60 seconds")
    if options.gates:
        scenario = with_gates(scenario, Path(options.gates))
    webhook = Webhook(options.alert_webhook, say) if options.alert_webhook else None
    if web_ui:
        check_address_is_free(options)
    target = TargetUnderTest(scenario, options, inside_of(options, scenario), say)
    base_url = target.choice.base_url or scenario.target.base_url
    guarding = Guarding(environment, scenario, base_url)
    guarding.check_users(settings.users)
    return CheckedInput(scenario, by_hand, target, guarding, webhook)
