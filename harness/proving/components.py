"""The same load with allocations traced: who allocated what is held after it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from harness.proving.replay import ROOT, Say, perform, replay_of
from scenarios.errors import UsageError


def components(run: Path, load_seconds: float | None, say: Say) -> int:
    """0 when the run's report shows the table. Raises UsageError.

    A run of its own, from the target's first import on: tracing slows what it measures down, and
    what was allocated before it began it does not see.
    """
    replay = replay_of(run)
    seconds = load_seconds or max(20.0, replay.load / 10)
    traced = replace(replay.shortened(seconds), inside="yes")
    say(f"running {run} again for {traced.load:g} s of load with allocations traced: slower")
    words = traced.words(run.parent, "--trace-components", "--follows", f"components:{run.name}")
    done = perform(words, run.parent, quiet=True)
    if done.directory is None:
        raise UsageError(f"the traced run did not begin: {done.complaint or 'see above'}")
    told = subprocess.run(
        [sys.executable, "-m", "reports", "components", str(run.resolve()),
         str(done.directory.path.resolve())],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode:
        complaint = told.stderr.strip().splitlines() or ["the traced run cannot be read"]
        raise UsageError(complaint[-1])
    print(told.stdout, end="")
    say(f"report  {replay.run.report_html}")
    return 0
