"""What the live page draws, thinned; files that are served; webhooks."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import gevent
import pytest

from harness.live.earlier_runs import earlier_runs, file_of_run
from harness.live.history import MOST_MOMENTS, LiveRun, Moment, Size
from harness.live.page import table_rows
from harness.webhook import Webhook
from scenarios.errors import UsageError

MIB = 2**20


def moment(at: float, memory: int | None = None, peak: int | None = None) -> Moment:
    return Moment(at, 5, 10.0, 0.0, memory, peak)


def test_a_long_run_is_thinned_and_its_peak_stays() -> None:
    run = LiveRun("long")
    run.begin_phase("load", 0.0)
    for second in range(10 * MOST_MOMENTS):
        peak = 900 * MIB if second == 777 else 110 * MIB
        run.add(moment(float(second), 100 * MIB, peak))
        run.add_size(7, "root", "python", Size(float(second), 100 * MIB))
    columns = run.content()["columns"]
    assert len(columns["at"]) <= MOST_MOMENTS
    assert max(columns["peak"]) == run.top == 900 * MIB
    assert columns["at"][-1] == 10 * MOST_MOMENTS - 1
    assert columns["at"] == sorted(columns["at"])
    assert len(run.content()["processes"][0]["sizes"]) <= MOST_MOMENTS // 4


def test_phases_follow_each_other_and_the_last_one_grows() -> None:
    run = LiveRun("phased")
    run.begin_phase("baseline", 0.0)
    run.add(moment(2.0))
    run.begin_phase("load", 3.0)
    run.add(moment(5.0))
    assert run.phases == [["baseline", 0.0, 3.0], ["load", 3.0, 5.0]]


def test_unknown_memory_stays_unknown() -> None:
    run = LiveRun("blind")
    run.add(moment(1.0))
    assert run.content()["columns"]["memory"] == [None]
    assert run.content()["top"] is None
    assert table_rows(run)[0]["now"] == "unknown"


def test_before_a_run_the_tab_says_what_to_do() -> None:
    assert table_rows(None)[0]["detail"] == "press Start"


def a_run(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "run.json").write_text("{}")
    return folder / name


def test_runs_are_listed_newest_first_with_what_their_reports_say(tmp_path: Path) -> None:
    a_run(tmp_path, "20260101T000000Z-a")
    newest = a_run(tmp_path, "20260102T000000Z-b")
    (newest / "report.html").write_text("page")
    verdict = {"fit": "fits", "memory": "stable", "sentence": "Fits."}
    (newest / "report.json").write_text(json.dumps({"verdict": verdict}))
    (tmp_path / "other").mkdir()
    first, second = earlier_runs(tmp_path)
    assert (first["name"], first["sentence"], first["has_report"]) == (newest.name, "Fits.", True)
    assert (second["fit"], second["has_report"]) == (None, False)


@pytest.mark.parametrize(
    ("name", "file"),
    [("..", "passwd.html"), ("a/..", "report.html"), ("run", "../x.html"), ("run", "secret.key")],
)
def test_nothing_but_a_runs_own_files_is_served(tmp_path: Path, name: str, file: str) -> None:
    run = a_run(tmp_path, "run")
    (run / "report.html").write_text("page")
    (run / "secret.key").write_text("secret")
    assert file_of_run(tmp_path, "run", "report.html") == run / "report.html"
    assert file_of_run(tmp_path, name, file) is None


def test_a_link_out_of_the_run_is_not_followed(tmp_path: Path) -> None:
    run = a_run(tmp_path, "run")
    outside = tmp_path / "outside.html"
    outside.write_text("secret")
    (run / "report.html").symlink_to(outside)
    assert file_of_run(tmp_path, "run", "report.html") is None


class Heard(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    posts: list[dict[str, str]] = []  # noqa: RUF012 - one server a test

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.posts.append(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_an_alert_is_posted_as_json() -> None:
    server = HTTPServer(("127.0.0.1", 0), Heard)
    Thread(target=server.handle_request, daemon=True).start()
    Heard.posts.clear()
    hook = Webhook(f"http://127.0.0.1:{server.server_port}/secret", lambda _: None)
    hook.send("memory is 81 % of the limit", run="r1", phase="load")
    gevent.sleep(0.5)
    server.server_close()
    assert Heard.posts == [
        {"text": "Plimsoll: memory is 81 % of the limit", "run": "r1", "phase": "load"}
    ]


def test_a_webhook_that_does_not_answer_is_told_once_and_without_its_path() -> None:
    told: list[str] = []
    hook = Webhook("http://127.0.0.1:9/T000/secret", told.append)
    hook.send("one", run="r", phase="load")
    hook.send("two", run="r", phase="load")
    gevent.sleep(0.5)
    assert len(told) == 1
    assert "127.0.0.1" in told[0]
    assert "secret" not in told[0]


def test_a_webhook_must_be_an_address() -> None:
    with pytest.raises(UsageError, match="--alert-webhook"):
        Webhook("chat.example", lambda _: None)
