"""The image: it builds as it stands, runs as nobody in particular, and says whether it is well."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.docker.stack import BASE, CALLER, docker, needs_engine

pytestmark = needs_engine
MIB = 2**20


def inspected(name: str, what: str) -> str:
    return docker("inspect", "--format", what, name)


def test_the_image_does_not_run_as_root(image: str) -> None:
    assert docker("run", "--rm", image, "id", "-un") == "plimsoll"


def test_it_runs_as_any_user_without_rights_on_a_read_only_disk(image: str) -> None:
    words = ("--user", f"{CALLER}:{CALLER}", "--cap-drop", "ALL", "--read-only")
    assert "locust 2" in docker("run", "--rm", *words, image, "locust", "--version")


def test_each_part_of_the_suite_is_one_word_away(image: str) -> None:
    for word in ("sidecar", "reports", "locust", "worker"):
        assert "usage" in docker("run", "--rm", image, word, "--help").lower(), word


def test_the_image_holds_no_tests_no_history_and_nobodys_secrets(image: str) -> None:
    found = docker("run", "--rm", image, "ls", "-A", "/plimsoll").split()
    assert set(found) - {"__pycache__"} == {
        "LICENSE", "demo", "deploy", "harness", "locustfile.py", "memory_sidecar", "reports",
        "requirements.lock", "rundir", "runs", "scenarios",
    }  # fmt: skip


def test_the_suite_adds_less_than_400_mib_to_its_base(image: str) -> None:
    size, base = (int(inspected(name, "{{.Size}}")) for name in (image, BASE))
    assert size - base < 400 * MIB


def health_of(container: str) -> str:
    for _ in range(150):
        health = json.loads(inspected(container, "{{json .State.Health}}"))
        if health["Status"] != "starting":
            return str(health["Status"])
        time.sleep(0.2)
    return "starting"


def test_a_service_that_answers_is_healthy_and_one_that_hangs_is_not(
    image: str, tmp_path: Path
) -> None:
    hung = tmp_path / "hung.py"
    hung.write_text("import socket, time\ns = socket.create_server(('', 8000))\ntime.sleep(300)\n")
    quick = ("--health-interval", "1s", "--health-start-period", "0s", "--health-retries")
    alone = "python deploy/health.py --connected 5557"
    started = [
        docker("run", "-d", *quick, "15", image, "demo"),
        docker("run", "-d", *quick, "2", "-v", f"{hung}:/hung.py:ro", image, "python", "/hung.py"),
        docker("run", "-d", *quick, "2", "--health-cmd", alone, image, "worker"),
    ]
    try:
        assert [health_of(one) for one in started] == ["healthy", "unhealthy", "unhealthy"]
    finally:
        docker("rm", "-f", *started)
