"""`python -m reports live-page`: the page that Locust's web UI shows while a run goes on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Write the page to stdout; returns 0."""
    argparse.ArgumentParser(
        prog="python -m reports live-page",
        description="Write the live page (HTML) to stdout. The harness serves it as /memory.",
    ).parse_args(arguments)
    from reports.render.live import render_live_page

    sys.stdout.write(render_live_page())
    return 0
