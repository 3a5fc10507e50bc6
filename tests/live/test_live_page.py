"""The live page in Locust's own web UI: before, during and after a run, and behind its login."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser

from harness.free_port import free_port
from tests.browser.conftest import browser
from tests.browser.opening import DRAWN, needs_chromium, opened
from tests.live.suite import ROOT

__all__ = ["browser"]
pytestmark = pytest.mark.live
FORM = {"baseline": "1", "load": "6", "cooldown": "1", "user_count": "3", "spawn_rate": "3"}


def get(url: str) -> str:
    with urlopen(url, timeout=5) as answer:
        text: str = answer.read().decode()
    return text


def until_up(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            get(url)
            return
        except HTTPError:
            return
        except OSError:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.1)


@pytest.fixture(scope="module")
def web_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web UI whose demo gets a limit that its load crosses."""
    runs, port = tmp_path_factory.mktemp("runs"), free_port()
    words = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--loglevel", "WARNING"]
    words += ["--web-host", "127.0.0.1", "--web-port", str(port), "--runs-dir", str(runs)]
    words += ["--memory-limit", "80MiB"]
    process = subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    until_up(url, process)
    yield url
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=30)
    assert "Traceback" not in complaints


def start(url: str) -> None:
    with urlopen(Request(f"{url}/swarm", data=urlencode(FORM).encode()), timeout=15) as answer:
        assert json.load(answer)["success"] is True


def content(url: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(get(f"{url}/memory/data"))
    return found


@pytest.mark.browser
@needs_chromium
def test_the_page_follows_a_run_from_before_it_to_its_report(web_ui: str, browser: Browser) -> None:
    host = urlsplit(web_ui).netloc
    deadline = time.monotonic() + 20
    while "live-chart" not in (get(f"{web_ui}/memory") if made(web_ui) else ""):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    with opened(browser, f"{web_ui}/") as ui:
        link = ui.page.get_by_role("link", name="Memory", exact=True)
        assert link.get_attribute("href") == "/memory"
    with opened(browser, f"{web_ui}/memory", height=1200) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        assert found.page.locator("h1").inner_text() == "Waiting for a run"
        start(web_ui)
        found.page.wait_for_selector("text=Running: load", timeout=20_000)
        found.page.wait_for_function("document.querySelectorAll('#processes tr').length > 0")
        found.page.wait_for_function("document.querySelector('#alerts').textContent.includes('%')")
        assert "MiB" in found.page.locator("#tile-memory").inner_text()
        assert found.page.locator("#tile-limit").inner_text() == "80.0 MiB"
        found.shot("live-running", whole=True)
        found.page.wait_for_selector("[data-live=ended]", state="attached", timeout=40_000)
        report = found.page.get_by_role("link", name="report", exact=True).first
        report.wait_for(timeout=10_000)
        found.shot("live-ended", whole=True)
        assert found.complaints == []
        report.click()
        found.page.wait_for_selector(DRAWN, state="attached")
        assert "Plans" in found.page.locator("main").inner_text()
        assert found.complaints == []
        assert found.outside(host) == []


def made(url: str) -> bool:
    try:
        get(f"{url}/memory")
    except HTTPError as error:
        assert error.code == 503
        return False
    return True


def test_the_memory_tab_has_the_target_and_its_processes(web_ui: str) -> None:
    page = get(f"{web_ui}/")
    arguments = json.loads(re.search(r"templateArgs = (\{.*\})", page)[1])  # type: ignore[index]
    assert {"title": "Memory", "key": "memory"} in arguments["extended_tabs"]
    tables = {table["key"]: table["structure"] for table in arguments["extended_tables"]}
    stats = json.loads(get(f"{web_ui}/stats/requests"))["extended_stats"]
    (rows,) = [table["data"] for table in stats if table["key"] == "memory"]
    assert all(set(row) == {column["key"] for column in tables["memory"]} for row in rows)


def test_only_files_of_run_directories_are_served(web_ui: str) -> None:
    for path in (
        "memory/runs/..%2F..%2Fetc/passwd",
        "memory/runs/../report.html",
        "memory/runs/none/report.html",
        "memory/runs/%2e%2e/pyproject.toml",
    ):
        with pytest.raises(HTTPError) as refused:
            get(f"{web_ui}/{path}")
        assert refused.value.code == 404


def test_on_a_master_it_shows_what_the_workers_do(tmp_path: Path) -> None:
    port, bus = free_port(), free_port()
    base = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--loglevel", "WARNING"]
    master = [*base, "--master", "--master-bind-port", str(bus), "--runs-dir", str(tmp_path)]
    master += ["--web-host", "127.0.0.1", "--web-port", str(port)]
    worker = [*base, "--worker", "--master-port", str(bus)]
    processes = [
        subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for words in (master, worker)
    ]
    url = f"http://127.0.0.1:{port}"
    try:
        until_up(url, processes[0])
        deadline = time.monotonic() + 30
        while json.loads(get(f"{url}/worker-count"))["worker_count"] < 1:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        start(url)
        while (run := json.loads(get(f"{url}/memory/data"))["run"] or {}).get("state") != "ended":
            assert time.monotonic() < deadline + 30
            time.sleep(0.5)
        assert max(run["columns"]["users"]) == 3
        assert max(run["columns"]["rate"]) > 0
        assert run["top"] > 2**20
        assert [phase[0] for phase in run["phases"]] == ["baseline", "load", "cooldown"]
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            process.communicate(timeout=30)


def test_behind_a_login_nothing_of_it_is_shown(tmp_path: Path) -> None:
    locustfile = tmp_path / "guarded.py"
    locustfile.write_text(
        "from locust import events\n"
        "from flask_login import UserMixin\n"
        "@events.init.add_listener\n"
        "def guard(environment, **_):\n"
        "    app = environment.web_ui.app\n"
        "    app.config['SECRET_KEY'] = 'for this test'\n"
        "    environment.web_ui.login_manager.user_loader(lambda name: None)\n"
    )
    port = free_port()
    words = [sys.executable, "-m", "locust", "-f", f"{locustfile},locustfile.py", "--web-login"]
    words += ["--web-host", "127.0.0.1", "--web-port", str(port), "--runs-dir", str(tmp_path)]
    process = subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until_up(f"{url}/login", process)
        for path in ("memory", "memory/data", "memory/runs/x/report.html"):
            assert "live-chart" not in (text := shown(f"{url}/{path}"))
            assert '"runs"' not in text
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def shown(url: str) -> str:
    try:
        return get(url)
    except HTTPError as error:
        return error.read().decode()
