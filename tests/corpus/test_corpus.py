"""A part of the corpus with each run of the tests; the whole of it is `make accuracy`."""

from __future__ import annotations

import pytest

from tests.corpus import made, recorded
from tests.corpus.accuracy import judged, score
from tests.corpus.truth import Case


def test_the_corpus_is_as_large_as_promised() -> None:
    families = made.FAMILIES
    assert len(families) * made.DRAWS * 2 >= 400
    assert len(recorded.cases()) >= 24


def test_made_series_are_the_same_every_time() -> None:
    first, again = (next(iter(made.cases((made.FIRST,)))) for _ in range(2))
    assert (first.trace.memory == again.trace.memory).all()
    assert first.truth == again.truth


def test_no_made_series_without_a_leak_is_called_one() -> None:
    some = [case for case in made.cases((made.FIRST,)) if case.name.endswith(("-0", "-5"))]
    found = score([judged(case) for case in some])
    assert found.precision == 1.0
    assert found.recall is not None and found.recall > 0.85


FALLS_SHORT = {
    "leak-100B": "grows by 5 MiB between jumps of 7 MiB: below what such a record can tell",
    "leak-native": "4 KiB blocks fill holes of the heap first: memory moves in jumps, cannot tell",
    "plain-with-arenas": "glibc's arenas keep 53 MiB after the load: called poor recovery",
}


def _case(case: Case) -> object:
    short = FALLS_SHORT.get(case.name)
    marks = [pytest.mark.xfail(reason=short, strict=True)] if short else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [_case(case) for case in recorded.cases()])
def test_a_recorded_run_is_judged_rightly(case: Case) -> None:
    outcome = judged(case)
    assert outcome.right, f"{outcome.verdict.verdict}: {outcome.verdict.reasons}"
