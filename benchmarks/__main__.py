"""`make bench`: benchmarks in turn, figures on stdout and, if asked, in RESULTS.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import (
    attribution,
    cost,
    endurance,
    first_chart,
    inside,
    long_report,
    overhead,
    perturbation,
    pss,
    smallest_limit,
    spikes,
    throughput,
    workers,
)
from benchmarks.length import FULL, QUICK, Length
from benchmarks.results import Outcome, Setting, section_of, text_of, write

BENCHMARKS: dict[str, Callable[[Length], Outcome]] = {
    "spikes": spikes.run,
    "cost": cost.run,
    "perturbation": perturbation.run,
    "pss": pss.run,
    "throughput": throughput.run,
    "workers": workers.run,
    "overhead": overhead.run,
    "endurance": endurance.run,
    "long-report": long_report.run,
    "first-chart": first_chart.run,
    "smallest-limit": smallest_limit.run,
    "inside": inside.run,
    "attribution": attribution.run,
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Ratios against peers, measured in the same run."
    )
    command.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; none means all"
    )
    command.add_argument("--quick", action="store_true", help="a short look, not to be published")
    command.add_argument("--write", action="store_true", help="renew these sections of RESULTS.md")
    return command


def main() -> int:
    """Run what is named; 1 when something falls short of what the project promises."""
    options = parser().parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        print(f"error: no benchmark {unknown[0]}: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    broken = False
    for name in options.names or BENCHMARKS:
        words = [name] + ["--quick"] * options.quick + ["--write"] * options.write
        setting = Setting.now(words)
        outcome = BENCHMARKS[name](QUICK if options.quick else FULL)
        print(text_of(outcome), flush=True)
        if options.write:
            # After each, so that an interrupted run keeps what it has.
            write({name: section_of(name, outcome, setting)}, tuple(BENCHMARKS))
        broken |= outcome.broken
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
