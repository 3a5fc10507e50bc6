"""report.json: the findings under names that stay; unknown is null."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reports.aligning import AlignedRun
from reports.attribution.shares import NotSeparated
from reports.findings import (
    Findings,
    Leak,
    MemoryVerdict,
    PhaseFigures,
    PlanChoice,
    Sizing,
)

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
        "verdict": {
            "fit": verdict.fit,
            "memory": verdict.memory,
            "sentence": verdict.sentence,
            "confidence": verdict.confidence.level,
            "reasons": list(verdict.reasons),
            "confidence_reasons": list(verdict.confidence.reasons),
            "would_raise_confidence": verdict.confidence.would_raise,
            "would_decide": findings.memory.would_decide,
        },
        "phases": [_phase(phase) for phase in findings.phases],
        "leak": _leak(findings.memory),
        "plateau": asdict(findings.memory.plateau) if findings.memory.plateau else None,
        "recovery": {
            **asdict(findings.recovery),
            "split": asdict(findings.recovery.split) if findings.recovery.split else {},
        },
        "scaling": asdict(findings.scaling),
        "sizing": _sizing(findings.sizing),
        "endpoints": [asdict(endpoint) for endpoint in findings.endpoints],
        "connections": asdict(findings.connections) if findings.connections else None,
        "not_separated": [_not_separated(group) for group in findings.not_separated],
        "targets": [asdict(target) for target in findings.targets],
        "processes": [asdict(process) for process in findings.processes],
        "gates": [asdict(gate) for gate in findings.gates],
        "measured": {
            figure.name: {"value": figure.value, "unit": figure.unit, "ci95": figure.ci95}
            for figure in findings.measured
        },
        "pressure": asdict(findings.pressure),
        "under_limit": asdict(findings.under_limit) if findings.under_limit else None,
        "proofs": [asdict(proof) for proof in findings.proofs],
        "limit_curve": asdict(findings.limit_curve) if findings.limit_curve else None,
        "inside": asdict(findings.inside) if findings.inside else None,
        "attribution": asdict(findings.attribution) if findings.attribution else None,
        "hints": [asdict(hint) for hint in findings.hints],
        "repeated": asdict(findings.repeated) if findings.repeated else None,
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


def _leak(memory: MemoryVerdict) -> dict[str, Any]:
    """All null where there is none; `upper_bytes_per_request` is then what a leak is below."""
    return {
        **asdict(memory.leak or Leak()),
        "upper_bytes_per_request": memory.upper_bytes_per_request,
        "warm_up_seconds": memory.warm_up_seconds,
    }


def _sizing(sizing: Sizing) -> dict[str, Any]:
    advice = sizing.workers
    return {
        "peak_bytes": sizing.peak_bytes,
        "minimum_bytes": sizing.minimum_bytes,
        "recommended_bytes": sizing.recommended_bytes,
        "rule": sizing.rule,
        "plan": _plan(sizing.plan),
        "evidence": asdict(sizing.evidence) if sizing.evidence else None,
        "difference": sizing.difference,
        "workers": advice.workers if advice else None,
        "max_requests": advice.max_requests if advice else None,
        "gunicorn": asdict(advice) if advice else None,
        "providers": [
            {
                "provider": choice.provider,
                "plan": _plan(choice.plan),
                "usage": choice.usage,
                "next_smaller": _plan(choice.smaller),
                "why_not": choice.why_not,
                "notes": list(choice.notes),
            }
            for choice in sizing.providers
        ],
        "verified": sizing.verified,
    }


def _not_separated(group: NotSeparated) -> dict[str, Any]:
    """Bytes that stay of a request to any of these endpoints, on average."""
    return {
        "endpoints": [" ".join(filter(None, key)) for key in group.keys],
        "bytes_per_request": group.bytes_per_request,
        "ci95": group.ci95,
        "in_step": group.in_step,
    }


def _plan(plan: PlanChoice | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    shown = asdict(plan)
    shown.pop("source")
    return shown
