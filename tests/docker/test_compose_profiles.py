"""The profiles with a web UI, and staging: the service and its sidecar are somewhere else."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from harness.free_port import free_port
from tests.docker.stack import docker, needs_engine, stack

pytestmark = needs_engine
PUBLISHED = Path(__file__).with_name("published.yml")
TOKEN = "a-token-of-this-test"


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def host_address() -> str:
    """This machine's address on the default bridge, at which containers reach published ports.

    An engine tells it once it found a bridge that was there; of one that it made itself, it tells
    the subnet, and took its first address.
    """
    told = docker("network", "inspect", "bridge", "--format", "{{json (index .IPAM.Config 0)}}")
    config = json.loads(told)
    return config.get("Gateway") or str(next(ip_network(config["Subnet"]).hosts()))


def test_the_demo_runs_from_the_web_ui_that_is_published_on_loopback(
    image: str, tmp_path: Path
) -> None:
    port = str(free_port())
    ui = f"http://127.0.0.1:{port}"
    with stack(tmp_path, COMPOSE_PROFILES="demo", WEB_PORT=port) as one:
        one.wait_for("the web UI", lambda: answers(ui))
        one.wait_for("both workers", lambda: len(workers(ui)) == 2)
        form = {"user_count": 4, "spawn_rate": 4, "baseline": 2, "load": 5, "cooldown": 2}
        with urlopen(f"{ui}/swarm", data=urlencode(form).encode()) as answer:
            assert json.load(answer)["success"], one.logs()
        one.wait_for("the report", lambda: bool(list(one.runs.glob("*/report.json"))))
        assert one.report()["phases"][1]["requests"] > 0
        assert docker("port", one.id("master"), "8089") == f"127.0.0.1:{port}"


def workers(ui: str) -> list[object]:
    with urlopen(f"{ui}/stats/requests", timeout=5) as answer:
        found: list[object] = json.load(answer)["workers"]
        return found


def test_staging_is_loaded_from_here_and_measured_there(image: str, tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    ports = {"TARGET_PORT": str(free_port()), "SIDECAR_PORT": str(free_port())}
    gateway = host_address()
    with stack(
        there, PUBLISHED, compose=None, services=("target", "sidecar"), SIDECAR_TOKEN=TOKEN, **ports
    ) as service:
        settings = {
            "COMPOSE_PROFILES": "staging",
            "HEADLESS": "true",
            "HOST": f"http://{gateway}:{ports['TARGET_PORT']}",
            "ALLOW_HOST": gateway,
            "SIDECAR_URL": f"web=http://{gateway}:{ports['SIDECAR_PORT']}",
        }
        service.reach("sidecar", lambda: answers(f"{url(settings)}/v1/health"))
        with stack(here, compose=None, services=(), SIDECAR_TOKEN=TOKEN, **settings) as one:
            code, said = one.end()
            assert code == 0, said
            assert one.report()["phases"][1]["requests"] > 0
            assert one.report()["phases"][1]["memory_bytes"]["measure"] == "working_set"


def url(settings: dict[str, str]) -> str:
    return settings["SIDECAR_URL"].partition("=")[2]


def test_staging_without_a_token_ends_in_one_line(image: str, tmp_path: Path) -> None:
    settings = {"COMPOSE_PROFILES": "staging", "HOST": "http://x", "SIDECAR_URL": "http://y:1"}
    with stack(tmp_path, compose=None, services=("staging",), **settings) as one:
        code, said = one.end()
    assert code == 2
    assert said == "error: no token for the sidecar: set SIDECAR_TOKEN (see .env.example)"
