"""A case as a Markdown page, and the index of all of them."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from reports.cases.record import CaseRecord, SideStory
from reports.comparing.comparison import INSIDE, NAMES
from reports.comparing.difference import Difference
from reports.findings import Interval, Measured
from reports.render.compare import (
    WORD_MARKS,
    base_text,
    change_text,
    interval_text,
    new_text,
)
from reports.render.markdown import markdown_text
from reports.run_again import load_setting
from reports.units import (
    UNKNOWN,
    count_text,
    figure_text,
    seconds_text,
    size_text,
    small_size_text,
)
from scenarios.cases.model import Case, CaseLoad

TEMPLATES = Path(__file__).with_name("templates")
Told = Sequence[tuple[Case, CaseRecord]]


def render_case(case: Case, record: CaseRecord) -> str:
    """The page: prose of the definition, figures of the record."""
    return _template("case.md.j2").render(
        case=case,
        record=record,
        sides=(("before", record.before), ("after", record.after)),
        excerpt=_with_advice(case.fix.excerpt.strip(), record),
        commands=[
            _command(case.load, record.before),
            _command(case.load, record.after),
        ],
        rows=[_row(one) for one in record.differences if _is_row(one)],
    )


def render_cases_index(told: Told) -> str:
    """docs/cases/README.md: from the symptom to the case."""
    return _template("cases.md.j2").render(told=told)


def mark(kept: bool) -> str:
    """A promise's word."""
    return "kept" if kept else "NOT kept"


def _is_row(one: Difference) -> bool:
    # How much equal runs differ in what a process says of itself was not measured.
    return one.base is not None and one.name not in INSIDE


def _row(one: Difference) -> tuple[str, ...]:
    texts = base_text(one), new_text(one), change_text(one), interval_text(one)
    return NAMES[one.name], *texts, WORD_MARKS[one.word]


def _command(load: CaseLoad, side: SideStory) -> str:
    """The make command that repeats one side alone: its switches, its lengths and its users."""
    words = [f"{name}={shlex.quote(value)}" for name, value in side.env.items()]
    words += ["make headless-test", f"SCENARIO={_scenario(load)}", f"PLAN={load.plan}"]
    idle = [phase.seconds for phase in side.phases if not phase.users]
    loads = [phase.seconds for phase in side.phases if phase.users]
    words += [f"BASELINE={one:g}" for one in idle[:1]]
    words += [f"LOAD={load_setting(load.plan, loads):g}"]
    words += [f"COOLDOWN={one:g}" for one in idle[1:][-1:]]
    users = max((phase.users or 0 for phase in side.phases), default=load.users)
    if load.plan == "connections":
        words += [f"CONNECTIONS={users}"]
        words += [f"READ_RATE={load.read_bytes_per_second:g}"] if load.read_bytes_per_second else []
    else:
        words += [f"USERS={users}", f"SPAWN_RATE={load.spawn_rate:g}"]
    return " ".join([*words, *([f"LIMIT={load.memory_limit}"] if load.memory_limit else [])])


def _scenario(load: CaseLoad) -> str:
    return posixpath.normpath(f"scenarios/cases/{load.scenario}")


def _with_advice(text: str, record: CaseRecord) -> str:
    for name, value in record.advised.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _figure(figure: Measured | None) -> str:
    """A value with its interval; unknown stays unknown."""
    if figure is None:
        return UNKNOWN
    text = figure_text(figure.value, figure.unit)
    return f"{text} ({_between(figure.ci95, figure.unit)})" if figure.ci95 else text


def _known(text: str | None) -> str:
    return text or UNKNOWN


def _leak(figure: Measured | None) -> str:
    """0 is no measurement: what it cannot be above is said instead."""
    if figure is None:
        return "cannot be told"
    if not figure.value and figure.ci95:
        return f"none shown, below {figure_text(figure.ci95[1], figure.unit)} (97.5 % sure)"
    return _figure(figure)


def _between(interval: Interval | None, unit: str) -> str:
    if interval is None:
        return UNKNOWN
    return f"{figure_text(interval[0], unit)} to {figure_text(interval[1], unit)}"


def _date(epoch_seconds: float | None) -> str:
    if epoch_seconds is None:
        return UNKNOWN
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%d")


@cache
def _environment() -> Environment:
    # Markdown, not HTML: what comes from a run goes through `md`, cells included.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        md=markdown_text, figure=_figure, leak=_leak, between=_between, date=_date, mark=mark,
        size=size_text, small=small_size_text, count=count_text, seconds=seconds_text,
        known=_known,
    )  # fmt: skip
    return environment


def _template(name: str) -> Template:
    return _environment().get_template(name)
