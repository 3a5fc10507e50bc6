"""Routes of the live page, and the Memory tab, in Locust's own web UI and behind its login."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from flask import Response, jsonify, request, send_file

from harness.live.earlier_runs import earlier_runs, file_of_run
from harness.live.history import LiveRun

ROOT = Path(__file__).resolve().parents[2]
TAB = "memory"
COLUMNS = (("what", "What"), ("now", "Now (MiB)"), ("peak", "Peak (MiB)"), ("detail", "Detail"))
MIB = 2**20


class LivePage:
    """`run` gives the run that is shown: the one that goes on, else the last one, else None."""

    def __init__(self, web_ui: Any, runs: Path, run: Callable[[], LiveRun | None]) -> None:
        self._runs = runs
        self._run = run
        self._text: str | None = None
        self._complaint = "the page is still being made; load it again in a moment"
        base = (getattr(web_ui, "web_base_path", "") or "").rstrip("/")
        self._base = base
        self._add_routes(web_ui, base)
        self._add_tab(web_ui, base)
        gevent.spawn(self._make)

    def _make(self) -> None:
        """The reports draw it, in a process of its own: Bokeh does not burden the generator."""
        done = subprocess.run(
            [sys.executable, "-m", "reports", "live-page"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode == 0:
            self._text = done.stdout
        else:
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            self._complaint = f"the page could not be made: {last[0]}"

    def _add_routes(self, web_ui: Any, base: str) -> None:
        guard = web_ui.auth_required_if_enabled

        @web_ui.app.get(f"{base}/memory")  # type: ignore[untyped-decorator]
        @guard  # type: ignore[untyped-decorator]
        def memory() -> Response:
            if self._text is None:
                return Response(self._complaint, status=503, mimetype="text/plain")
            return Response(self._text, mimetype="text/html")

        @web_ui.app.get(f"{base}/memory/data")  # type: ignore[untyped-decorator]
        @guard  # type: ignore[untyped-decorator]
        def memory_data() -> Response:
            run = self._run()
            content = run.content() if run else None
            return jsonify({"run": content, "runs": earlier_runs(self._runs)})

        @web_ui.app.get(f"{base}/memory/runs/<name>/<file>")  # type: ignore[untyped-decorator]
        @guard  # type: ignore[untyped-decorator]
        def memory_file(name: str, file: str) -> Response:
            path = file_of_run(self._runs, name, file)
            if path is None:
                return Response("no such file in a run directory", 404, mimetype="text/plain")
            # What a run wrote is shown, never run: only our own pages are HTML.
            kind = None if path.suffix == ".html" else "text/plain; charset=utf-8"
            answer: Response = send_file(path.resolve(), mimetype=kind)
            answer.headers["X-Content-Type-Options"] = "nosniff"
            return answer

    def _add_tab(self, web_ui: Any, base: str) -> None:
        structure = [{"key": key, "title": title} for key, title in COLUMNS]
        link = {"href": f"{base}/memory", "title": "Memory: live charts and earlier runs"}
        for key, more in (
            ("extended_tabs", {"title": "Memory", "key": TAB}),
            ("extended_tables", {"key": TAB, "structure": structure}),
            ("extended_csv_files", link),
        ):
            web_ui.template_args[key] = [*web_ui.template_args.get(key, []), more]
        web_ui.app.after_request(self._extend)

    def _extend(self, response: Response) -> Response:
        """Rows for the tab, and a link on the UI's own page."""
        if request.path == f"{self._base}/stats/requests" and response.is_json:
            content = response.get_json()
            rows = {"key": TAB, "data": table_rows(self._run())}
            content["extended_stats"] = [*content.get("extended_stats", []), rows]
            response.set_data(json.dumps(content))
        elif request.path in (self._base or "/", f"{self._base}/") and response.status_code == 200:
            self._link(response)
        return response

    def _link(self, response: Response) -> None:
        if response.mimetype == "text/html" and not response.is_streamed:
            text = response.get_data(as_text=True)
            link = LINK.format(href=f"{self._base}/memory")
            response.set_data(text.replace("</body>", f"{link}</body>", 1))


LINK = (
    '<a href="{href}" style="position:fixed;bottom:12px;left:16px;z-index:9999;padding:6px 12px;'
    "border-radius:4px;background:#0b5cad;color:#fff;font:14px system-ui,sans-serif;"
    'text-decoration:none">Memory</a>'
)


def table_rows(run: LiveRun | None) -> list[dict[str, str]]:
    """The tab's rows: the whole target first, then its processes, largest first; MiB."""
    if run is None or not run.moments:
        return [{"what": "no run yet", "now": "-", "peak": "-", "detail": "press Start"}]
    last = run.moments[-1]
    phase = str(run.phases[-1][0]) if run.phases else "starting"
    limit = f"; limit {_mib(run.limit)} MiB" if run.limit else ""
    rows = [
        {
            "what": f"target ({run.measure.replace('_', ' ') or 'memory'})",
            "now": _mib(last.memory),
            "peak": _mib(run.top),
            "detail": f"phase {phase}{limit}",
        }
    ]
    for process in run.content()["processes"]:
        sizes = [size for _, size in process["sizes"]]
        rows.append(
            {
                "what": f"{process['pid']} {process['name']}",
                "now": _mib(sizes[-1]),
                "peak": _mib(max(sizes)),
                "detail": f"{process['role']}, RSS",
            }
        )
    return rows


def _mib(size_bytes: int | None) -> str:
    return "unknown" if size_bytes is None else f"{size_bytes / MIB:,.1f}"
