"""report.json: the findings under names that stay; unknown is null."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reports.aligning import AlignedRun
from reports.findings import EndpointFigures, Findings, PhaseFigures, Sizing

REPORT_SCHEMA = 1


def render_json(_run: AlignedRun, findings: Findings) -> str:
    """The text of report.json: bytes, seconds, milliseconds, epoch seconds in `run.started`."""
    return json.dumps(report_content(findings), indent=2, allow_nan=False) + "\n"


def report_content(findings: Findings) -> dict[str, Any]:
    """The object of report.json, schema 1."""
    verdict = findings.verdict
    return {
        "schema": REPORT_SCHEMA,
        "generated": datetime.fromtimestamp(findings.generated, UTC).isoformat(timespec="seconds"),
        "run": asdict(findings.run),
        "verdict": {**asdict(verdict), "reasons": list(verdict.reasons)},
        "phases": [_phase(phase) for phase in findings.phases],
        "leak": {
            "bytes_per_request": None,
            "bytes_per_request_ci95": None,
            "bytes_per_hour": None,
            "seconds_to_limit": None,
            "requests_to_limit": None,
        },
        "recovery": {**asdict(findings.recovery), "split": {}},
        "scaling": {"model": "cannot_tell", "bytes_per_user": None, "ci95": None, "advice": None},
        "sizing": _sizing(findings.sizing),
        "endpoints": [_endpoint(endpoint) for endpoint in findings.endpoints],
        "processes": [asdict(process) for process in findings.processes],
        "gates": [],
        "measurement_cost": {
            **asdict(findings.cost),
            "milliseconds_by_source": dict(findings.cost.milliseconds_by_source),
        },
        "caveats": list(findings.caveats),
    }


def _phase(phase: PhaseFigures) -> dict[str, Any]:
    memory = asdict(phase.memory)
    memory.pop("peak_source")
    return {
        "name": phase.name,
        "start": phase.start,
        "seconds": phase.seconds,
        "users": phase.users,
        "requests": phase.requests,
        "failures": phase.failures,
        "memory_bytes": memory,
    }


def _sizing(sizing: Sizing) -> dict[str, Any]:
    plan = None
    if sizing.plan is not None:
        plan = asdict(sizing.plan)
        plan.pop("source")
    return {
        "peak_bytes": sizing.peak_bytes,
        "minimum_bytes": sizing.minimum_bytes,
        "recommended_bytes": sizing.recommended_bytes,
        "rule": sizing.rule,
        "plan": plan,
        "workers": None,
        "max_requests": None,
        "verified": None,
    }


def _endpoint(endpoint: EndpointFigures) -> dict[str, Any]:
    return {
        **asdict(endpoint),
        "retained_bytes_per_request": None,
        "transient_bytes": None,
    }
