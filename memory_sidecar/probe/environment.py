"""Where the service runs, as its environment says; in production nothing is told."""

from __future__ import annotations

import os
from collections.abc import Mapping

VARIABLES = (
    "PLIMSOLL_ENVIRONMENT",
    "ENVIRONMENT",
    "ENV",
    "APP_ENV",
    "PYTHON_ENV",
    "FLASK_ENV",
    "DJANGO_ENV",
    "FASTAPI_ENV",
    "NODE_ENV",
)
PRODUCTION = ("production", "prod", "live")
TOKEN_VARIABLE = "PLIMSOLL_PROBE_TOKEN"  # noqa: S105 - the variable's name


def environment_name(given: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Production where the application or any of VARIABLES says so, else the first that speaks."""
    said = [given, *(environ.get(name) for name in VARIABLES)]
    names = [name.strip() for name in said if name and name.strip()]
    for name in names:
        if is_production(name):
            return name
    return names[0] if names else "unknown"


def is_production(name: str) -> bool:
    """Whether this name means production: prod, production-eu and live do."""
    lowered = name.lower()
    return any(
        lowered == word or lowered.startswith((word + "-", word + "_")) for word in PRODUCTION
    )
