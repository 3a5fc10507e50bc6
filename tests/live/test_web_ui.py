"""The web UI: the plan's settings in the start form, one run directory for each start."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from harness.free_port import free_port
from tests.live.suite import ROOT

pytestmark = pytest.mark.live

FORM = {"baseline": "1", "load": "3", "cooldown": "1", "user_count": "3", "spawn_rate": "3"}


@dataclass(frozen=True)
class WebUi:
    """A running web UI: its address and where its runs go."""

    url: str
    runs: Path
    process: "subprocess.Popen[str]"

    def get(self, path: str) -> str:
        with urlopen(self.url + path, timeout=5) as answer:
            text: str = answer.read().decode()
        return text

    def start(self, **changes: str) -> dict[str, object]:
        form = urlencode(FORM | changes).encode()
        with urlopen(Request(f"{self.url}/swarm", data=form), timeout=15) as answer:
            words: dict[str, object] = json.load(answer)
        return words

    def reports(self, count: int) -> list[Path]:
        """Block until that many runs have their report; the run directories, oldest first."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = sorted(path.parent for path in self.runs.glob("*/report.html"))
            if len(found) >= count and '"state": "stopped"' in self.get("/stats/requests").replace(
                '":"', '": "'
            ):
                return found
            time.sleep(0.2)
        raise AssertionError(f"no {count} reports in {list(self.runs.glob('*/*'))}")


@pytest.fixture(scope="module")
def web_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebUi]:
    runs, port = tmp_path_factory.mktemp("runs"), free_port()
    words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--loglevel", "WARNING"]
    words += ["--web-host", "127.0.0.1", "--web-port", str(port), "--runs-dir", str(runs)]
    words += ["--max-users", "200"]
    process = subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    ui = WebUi(f"http://127.0.0.1:{port}", runs, process)
    deadline = time.monotonic() + 40
    while True:
        try:
            ui.get("/")
            break
        except OSError:
            assert time.monotonic() < deadline, process.stderr
            time.sleep(0.1)
    yield ui
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=30)
    assert "Traceback" not in complaints


def test_the_start_form_has_the_plans_settings(web_ui: WebUi) -> None:
    page = web_ui.get("/")
    given = json.loads(re.search(r"templateArgs = (\{.*\})", page)[1])["extra_options"]  # type: ignore[index]
    assert {"plan", "baseline", "load", "cooldown", "steps"} <= set(given)
    assert given["load"]["default_value"] == 120.0
    assert not {"scenario", "target_pid", "runs_dir", "allow_host"} & set(given)


def test_a_form_that_makes_no_plan_is_refused_with_the_arithmetic(web_ui: WebUi) -> None:
    answer = web_ui.start(user_count="100", spawn_rate="2")
    assert answer["success"] is False
    assert "100 / 2 = 50.0 s" in str(answer["message"])
    assert not list(web_ui.runs.glob("*/run.json"))


def test_a_foreign_host_in_the_form_is_refused(web_ui: WebUi) -> None:
    answer = web_ui.start(host="http://staging.example.com")
    assert answer["success"] is False
    assert "staging.example.com" in str(answer["message"])


def test_more_users_in_the_form_than_the_cap_are_refused(web_ui: WebUi) -> None:
    answer = web_ui.start(user_count="201", spawn_rate="201")
    assert answer["success"] is False
    assert "201 users are above MAX_USERS=200" in str(answer["message"])


@pytest.mark.parametrize("option", ["allow_host", "max_users", "max_rps", "stop_error_rate"])
def test_no_guard_can_be_lifted_by_a_form_that_was_made_by_hand(web_ui: WebUi, option: str) -> None:
    answer = web_ui.start(**{option: "0.99", "host": "http://127.0.0.1:9"})
    assert answer["success"] is False
    assert f"{option}: cannot be set here" in str(answer["message"])


def test_each_start_makes_a_run_directory_of_its_own(web_ui: WebUi) -> None:
    assert web_ui.start()["success"] is True
    first = web_ui.reports(1)
    assert web_ui.start(user_count="2")["success"] is True
    both = web_ui.reports(2)
    assert both[0] == first[0]
    phases = [json.loads((path / "report.json").read_text())["phases"] for path in both]
    assert [[phase["users"] for phase in run] for run in phases] == [[0, 3, 0], [0, 2, 0]]
    for path, run_phases in zip(both, phases, strict=True):
        counted = json.loads((path / "locust_stats.json").read_text())["entries"]
        sent = sum(phase["requests"] for phase in run_phases)
        assert sent == sum(entry["num_requests"] for entry in counted) > 0
        assert (path / "target.log").exists()


def test_a_taken_web_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--runs-dir", str(tmp_path)]
        words += ["--web-host", "127.0.0.1", "--web-port", port]
        done = subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in done.stderr
    assert not list(tmp_path.iterdir())
