"""Record the live runs anew: `python -m tests.corpus.record --runs DIR [--only NAME ...]`.

Each run takes two to three minutes. Run directories go below `--runs`, one per name, and are not
made again where they are; what the verdicts need of each is kept in tests/corpus/recorded/.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.corpus.live import ALL, BASELINE, COOLDOWN, LiveRun
from tests.corpus.recorded import keep

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run what is missing, then keep the traces."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.record", description=__doc__)
    parser.add_argument("--runs", type=Path, required=True, help="folder for the run directories")
    parser.add_argument("--only", nargs="*", help="names that begin so")
    parser.add_argument("--parallel", type=int, default=1, help="runs side by side")
    parser.add_argument("--no-keep", action="store_true", help="run, but keep no traces")
    options = parser.parse_args()
    wanted = [run for run in ALL if not options.only or run.name.startswith(tuple(options.only))]
    with ThreadPoolExecutor(options.parallel) as pool:
        for run, told in zip(
            wanted, pool.map(lambda one: record(one, options.runs), wanted), strict=True
        ):
            print(f"{run.name:24s} {told}", flush=True)
            if not options.no_keep:
                keep(run, options.runs / run.name)
    return 0


def record(run: LiveRun, runs: Path) -> str:
    """Run it once; the run directory becomes `runs`/`run.name`."""
    if (runs / run.name).is_dir():
        return "is there"
    own = runs / f".{run.name}"
    own.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
    words += ["--loglevel", "WARNING", "--runs-dir", str(own), "--scenario", run.scenario]
    words += ["--baseline", str(BASELINE), "--load", str(run.load_seconds)]
    words += ["--cooldown", str(COOLDOWN), *run.arguments]
    if run.command is not None:
        words += ["--target-command", run.command.replace("{python}", sys.executable)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DEMO_")}
    ended = subprocess.run(
        words,
        cwd=ROOT,
        env=clean | run.switches,
        capture_output=True,
        text=True,
        timeout=run.load_seconds + 180,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    made = [path for path in own.iterdir() if path.is_dir()]
    if len(made) != 1:
        raise SystemExit(f"{run.name}: no run directory\n{ended.stdout}{ended.stderr}")
    made[0].rename(runs / run.name)
    own.rmdir()
    return f"exit code {ended.returncode}"


if __name__ == "__main__":
    sys.exit(main())
