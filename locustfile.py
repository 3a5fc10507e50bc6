"""What Locust loads: the scenario's users, the phase plan, and the harness around a run."""

import sys

from locust import events

from harness.session import attach
from scenarios.errors import UsageError
from scenarios.loading import load_scenario
from scenarios.options import declare_options, scenario_path
from scenarios.shape import PlannedShape
from scenarios.users import user_class_for

__all__ = ["PlannedShape", "ScenarioUser"]

try:
    SCENARIO_FILE = scenario_path(sys.argv[1:])
    SCENARIO = load_scenario(SCENARIO_FILE)
    ScenarioUser = user_class_for(SCENARIO, SCENARIO.target.base_url)
except UsageError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)

events.init_command_line_parser.add_listener(lambda parser: declare_options(parser, SCENARIO))
events.init.add_listener(attach(SCENARIO, SCENARIO_FILE))
