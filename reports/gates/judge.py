"""Whether a run kept its rules: one function a rule, one entry in RULES."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.catalogue import Catalogue, Plan
from reports.comparing.baseline_file import read_baseline
from reports.comparing.difference import difference
from reports.comparing.figures import RunFigures
from reports.errors import UsageError
from reports.findings import Gate, Interval, Measured, Recovery, Sizing, Verdict
from reports.gates.rules import GateRules
from reports.units import figure_text, percent, plan_size_text, size_text
from scenarios.model import Gates

MIB = 2**20
KIB = 1024
REGRESSION_FIGURES = ("idle_bytes", "load_bytes", "peak_bytes")
FIT_RULE = "fits_limit"
LOAD_RULE = "load_completed"


@dataclass(frozen=True, slots=True)
class Judged:
    """What gates look at: the findings so far, and this run's figures as a baseline has them."""

    verdict: Verdict
    recovery: Recovery
    sizing: Sizing
    measured: tuple[Measured, ...]
    figures: RunFigures
    catalogue: Catalogue
    folder: Path
    load_stopped: str | None = None

    def of(self, name: str) -> Measured:
        """The figure of that name."""
        return next(figure for figure in self.measured if figure.name == name)


def judge_gates(rules: GateRules, judged: Judged) -> tuple[Gate, ...]:
    """The verdict on the limit first, then every rule that was set, in the order of RULES."""
    gates = rules.gates
    return (
        _fits_limit(judged),
        *_load_completed(judged),
        *(gate for rule in RULES if (gate := rule(gates, judged)) is not None),
    )


def _fits_limit(judged: Judged) -> Gate:
    """Always there: a target that died, or is over its limit, fails a run."""
    verdict = judged.verdict
    failed = verdict.fit == "fails"
    note = verdict.reasons[0] if failed and verdict.reasons else None
    return Gate(FIT_RULE, "not fails", "", verdict.fit.replace("_", " "), not failed, note=note)


def _load_completed(judged: Judged) -> tuple[Gate, ...]:
    """Always asked, shown where it fails: a load that the stop switch ended fails a run."""
    if judged.load_stopped is None:
        return ()
    return (Gate(LOAD_RULE, "to its planned end", "", "stopped", False, note=judged.load_stopped),)


def _at_most(
    rule: str, limit: float | None, figure: Measured, scale: float, phase: str
) -> Gate | None:
    """The figure, in the rule's unit (`scale` of its own), against a limit in the rule's unit."""
    if limit is None:
        return None
    unit = figure.unit
    if figure.value is None:
        return _unknown(rule, limit * scale, unit, figure, phase)
    return Gate(
        rule,
        limit * scale,
        unit,
        figure.value,
        figure.value <= limit * scale,
        figure.ci95,
        phase,
        _noise(limit * scale, figure.ci95, unit),
    )


def _unknown(rule: str, limit: float, unit: str, figure: Measured, phase: str) -> Gate:
    """Where only an upper bound is known, that decides if it is under the limit."""
    if figure.ci95 is not None and figure.ci95[1] <= limit:
        note = "not known exactly, but below the limit with 97.5 %"
        return Gate(rule, limit, unit, None, True, figure.ci95, phase, note)
    note = "cannot tell: the run does not show this figure, so the rule is not kept"
    return Gate(rule, limit, unit, None, None, figure.ci95, phase, note)


def _noise(limit: float, interval: Interval | None, unit: str) -> str | None:
    if interval is None or not interval[0] < limit < interval[1]:
        return None
    return (
        f"inside the noise of the run: 95 % interval {figure_text(interval[0], unit)} to"
        f" {figure_text(interval[1], unit)}"
    )


def _peak(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most("peak_mib", gates.peak_mib, judged.of("peak_bytes"), MIB, "all")


def _idle(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most("idle_mib", gates.idle_mib, judged.of("idle_bytes"), MIB, "before the load")


def _growth(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most(
        "growth_mib", gates.growth_mib, judged.of("retained_bytes"), MIB, "after the load"
    )


def _leak(gates: Gates, judged: Judged) -> Gate | None:
    figure = judged.of("leak_bytes_per_request")
    return _at_most("leak_kib_per_request", gates.leak_kib_per_request, figure, KIB, "load")


def _heap_growth(gates: Gates, judged: Judged) -> Gate | None:
    figure = judged.of("heap_growth_bytes")
    return _at_most("heap_growth_mib", gates.heap_growth_mib, figure, MIB, "after the load")


def _gc_time(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most("gc_time", gates.gc_time, judged.of("gc_time"), 1, "load")


def _failures(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most("failure_rate", gates.failure_rate, judged.of("failure_rate"), 1, "load")


def _p95(gates: Gates, judged: Judged) -> Gate | None:
    return _at_most("p95_ms", gates.p95_ms, judged.of("p95_ms"), 1, "load")


def _recovery(gates: Gates, judged: Judged) -> Gate | None:
    if gates.recovery_min is None:
        return None
    growth, share = judged.recovery.growth_bytes, judged.recovery.released_fraction
    phase = "after the load"
    if share is None:
        note = "cannot tell: no growth under load, or no cooldown was measured"
        kept = True if growth is not None and growth <= 0 else None
        return Gate("recovery_min", gates.recovery_min, "1", None, kept, phase=phase, note=note)
    retained = judged.of("retained_bytes").ci95
    interval = None
    if retained is not None and growth:
        interval = (1 - retained[1] / growth, 1 - retained[0] / growth)
    limit = gates.recovery_min
    return Gate(
        "recovery_min", limit, "1", share, share >= limit, interval, phase,
        _noise(limit, interval, "1"),
    )  # fmt: skip


def _regression(gates: Gates, judged: Judged) -> Gate | None:
    """The memory figure that grew most against the baseline, in percent of it."""
    if gates.regression_percent is None:
        return None
    limit = gates.regression_percent / 100
    try:
        base = _baseline(gates, judged.folder)
    except UsageError as error:
        return Gate("regression_percent", limit, "1", None, None, note=f"cannot tell: {error}")
    found = [
        one
        for name in REGRESSION_FIGURES
        if (one := difference(name, base, (judged.figures,), figures=3)).relative is not None
    ]
    if not found:
        note = "cannot tell: baseline and run have no memory figure in common"
        return Gate("regression_percent", limit, "1", None, None, note=note)
    worst = max(found, key=lambda one: one.relative or 0.0)
    interval = None
    if worst.ci95 is not None and worst.base:
        interval = (worst.ci95[0] / worst.base, worst.ci95[1] / worst.base)
    noise = _noise(limit, interval, "1")
    what = f"{worst.name.removesuffix('_bytes')} {size_text(worst.base)} → {size_text(worst.new)}"
    relative = worst.relative or 0.0
    return Gate(
        "regression_percent", limit, "1", relative, relative <= limit, interval,
        note=what if noise is None else f"{what}; {noise}",
    )  # fmt: skip


def _baseline(gates: Gates, folder: Path) -> tuple[RunFigures, ...]:
    if gates.baseline is None:
        raise UsageError("regression_percent needs baseline = 'plimsoll-baseline.json' in [gates]")
    return read_baseline(folder / gates.baseline)


def _fits_plan(gates: Gates, judged: Judged) -> Gate | None:
    """The size by evidence, else by the rule of twice the peak, at the plan's pessimistic size."""
    if gates.fits_plan is None:
        return None
    sizing = judged.sizing
    plan = plan_named(gates.fits_plan, judged.catalogue.plan)
    if plan is None:
        note = f"cannot tell: {_no_such_plan(gates.fits_plan, judged.catalogue.plan)}"
        return Gate("fits_plan", gates.fits_plan, "B", None, None, note=note)
    needed = sizing.advised_bytes
    if needed is None:
        note = "cannot tell: no size is known"
        return Gate("fits_plan", gates.fits_plan, "B", None, None, note=note)
    by_evidence = sizing.evidence is not None and sizing.evidence.bytes is not None
    how = "by evidence" if by_evidence else "by the rule of twice the peak"
    note = (
        f"needs {size_text(needed)} {how}, {percent(needed / plan.sure_bytes)} of"
        f" {plan_size_text(plan.memory_bytes)} as of {plan.as_of}"
    )
    return Gate(
        "fits_plan", gates.fits_plan, "B", float(needed), needed <= plan.sure_bytes, note=note
    )


def plan_named(name: str, plans: Sequence[Plan]) -> Plan | None:
    """The plan called `provider/plan` or `provider/alias`; None where there is none with a size."""
    provider, _, plan = name.partition("/")
    return next(
        (
            one
            for one in plans
            if one.provider == provider and one.memory_mib and plan in (one.plan, *one.aliases)
        ),
        None,
    )


def _no_such_plan(name: str, plans: Sequence[Plan]) -> str:
    known = [f"{plan.provider}/{plan.plan}" for plan in plans if plan.memory_mib]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    return f"the catalogue has no plan '{name}'{hint}"


Rule = Callable[[Gates, Judged], Gate | None]
RULES: tuple[Rule, ...] = (
    _peak,
    _idle,
    _growth,
    _leak,
    _recovery,
    _heap_growth,
    _gc_time,
    _failures,
    _p95,
    _regression,
    _fits_plan,
)
