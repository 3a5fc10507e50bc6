"""`make accuracy`: the verdicts against the truth of every case of the corpus."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

# One thread each: many small matrices, and as many processes as there are cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.corpus import made, recorded
from tests.corpus.accuracy import (
    RATE_ERROR,
    RATE_FROM,
    VERDICTS,
    Outcome,
    confusion,
    judged,
    score,
)
from tests.corpus.naive import RULES
from tests.corpus.truth import Case


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 where a made or recorded set falls short of what is asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--list-wrong", action="store_true", help="name every case that is wrong")
    options = parser.parse_args(arguments)
    sets: tuple[tuple[str, tuple[Case, ...], float], ...] = (
        ("made series, drawn while the method was built", tuple(made.cases((made.FIRST,))), 0.98),
        ("made series, drawn when it was fixed", tuple(made.cases((made.SECOND,))), 0.98),
        ("recorded runs", recorded.cases(), 1.0),
    )
    met = True
    with ProcessPoolExecutor() as pool:
        for title, cases, wanted in sets:
            outcomes = list(pool.map(judged, cases, chunksize=4))
            met &= _print_set(title, outcomes, wanted, list_wrong=options.list_wrong)
    return 0 if met else 1


def _print_set(title: str, outcomes: list[Outcome], wanted: float, *, list_wrong: bool) -> bool:
    print(f"\n{title}: {len(outcomes)} cases\n")
    print(f"{'truth':26s}" + "".join(f"{word:>15s}" for word in VERDICTS))
    for truth, row in confusion(outcomes).items():
        print(f"{truth:26s}" + "".join(f"{row[word] or '-':>15}" for word in VERDICTS))
    print(f"\n{'leak or not':26s}{'precision':>15s}{'recall':>15s}{'called':>15s}{'of leaks':>15s}")
    ours = score(outcomes)
    for name in (None, *RULES):
        one = score(outcomes, name)
        print(
            f"{name or 'Plimsoll':26s}{_share(one.precision):>15s}{_share(one.recall):>15s}"
            f"{one.called:>15d}{one.leaks:>15d}"
        )
    covered = [outcome.covered for outcome in outcomes if outcome.covered is not None]
    errors = [
        abs(outcome.rate_error)
        for outcome in outcomes
        if outcome.rate_error is not None and outcome.truth.bytes_per_request >= RATE_FROM
    ]
    within = sum(error <= RATE_ERROR for error in errors)
    coverage = sum(covered) / len(covered) if covered else None
    print(f"\n95 % interval covers the truth: {_share(coverage)} of {len(covered)}")
    print(f"rate within 10 % from 1 KiB per request on: {within} of {len(errors)}")
    wrong = [outcome for outcome in outcomes if not outcome.right]
    print(f"wrong word: {len(wrong)} of {len(outcomes)}")
    if list_wrong:
        for outcome in wrong:
            print(f"  {outcome.name}: {outcome.verdict.verdict}; {outcome.verdict.reasons[0]}")
    asks = {
        f"precision {_share(ours.precision)}, asked {wanted:.2f}": (ours.precision or 0) >= wanted,
        f"recall {_share(ours.recall)}, asked {wanted:.2f}": (ours.recall or 0) >= wanted,
        f"coverage {_share(coverage)}, asked 0.90 to 0.99": 0.9 <= (coverage or 0) <= 0.99,
        f"rate within 10 %: {within} of {len(errors)}, asked all": within == len(errors),
    }
    for text, holds in asks.items():
        print(f"{'holds ' if holds else 'SHORT '} {text}")
    return all(asks.values())


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
