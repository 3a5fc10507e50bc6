"""What can be said of the compose file, its entry point and its health check without an engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from deploy.health import sockets
from harness.hosts import is_loopback

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "deploy/entrypoint.sh"


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


def entry(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {"PATH": os.environ["PATH"]} | env
    return subprocess.run(
        ["sh", str(ENTRY), *words], env=plain, capture_output=True, text=True, check=False
    )


def test_the_compose_file_has_no_version_key_which_compose_v2_warns_of() -> None:
    assert "version" not in compose()


def test_each_profile_has_its_services() -> None:
    by_profile = {
        profile: {name for name, one in compose()["services"].items() if profile in one["profiles"]}
        for profile in ("demo", "headless", "staging")
    }
    assert by_profile == {
        "demo": {"target", "sidecar", "master", "worker"},
        "headless": {"target", "sidecar", "headless", "worker"},
        "staging": {"staging", "worker"},
    }


def test_ports_are_published_on_loopback_alone() -> None:
    published = [port for one in compose()["services"].values() for port in one.get("ports", [])]
    assert published and all(is_loopback(port.split(":")[0]) for port in published)


def test_no_container_is_given_a_right() -> None:
    for one in compose()["services"].values():
        assert one["cap_drop"] == ["ALL"] and "cap_add" not in one and "privileged" not in one


def test_no_token_has_a_default() -> None:
    for one in compose()["services"].values():
        token = one.get("environment", {}).get("PLIMSOLL_SIDECAR_TOKEN")
        assert token in (None, "${SIDECAR_TOKEN:-}")
    assert "\nSIDECAR_TOKEN=\n" in (ROOT / ".env.example").read_text()


def test_every_variable_of_the_example_is_read_by_the_compose_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, equals, _ = line.removeprefix("# ").partition("=")
        assert not equals or " " in name or f"${{{name}:-" in text, name


def test_the_first_sidecar_makes_the_token_that_the_master_then_reads(tmp_path: Path) -> None:
    file = tmp_path / "token"
    env = {"PLIMSOLL_SIDECAR_TOKEN_FILE": str(file)}
    # A program of the name `python` that only shows what it was given.
    (tmp_path / "python").write_text('#!/bin/sh\necho "$PLIMSOLL_SIDECAR_TOKEN $*"\n')
    (tmp_path / "python").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    made = entry("sidecar", "--remote", **env, PATH=path).stdout
    token, _, rest = made.partition(" ")
    assert len(token) == 64 and rest == "-m memory_sidecar --remote\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert entry("sh", "-c", 'echo "$PLIMSOLL_SIDECAR_TOKEN"', **env).stdout == token + "\n"
    given = entry("sidecar", **env, PATH=path, PLIMSOLL_SIDECAR_TOKEN="mine").stdout
    assert given.startswith("mine ")


def test_empty_variables_do_not_reach_the_suite_as_settings() -> None:
    shown = entry("env", PLIMSOLL_LOAD="", LOCUST_USERS="", PLIMSOLL_BASELINE="3").stdout
    assert "PLIMSOLL_BASELINE=3" in shown
    assert "PLIMSOLL_LOAD" not in shown and "LOCUST_USERS" not in shown


def test_staging_without_an_address_is_refused_in_one_line() -> None:
    done = entry("staging", LOCUST_HOST="")
    assert done.returncode == 2
    assert done.stderr == "error: no address to load: set HOST (copy .env.example to .env)\n"


def test_without_docker_the_test_says_so_in_one_line(tmp_path: Path) -> None:
    for name in ("dirname", "sh"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    done = subprocess.run(
        ["sh", str(ROOT / "deploy/compose-test.sh")],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no docker on this machine")
    assert done.stderr.count("\n") == 1


def test_the_health_check_reads_states_and_ports_of_sockets(tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(
        "  sl  local_address rem_address   st\n"
        "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000\n"
        "   1: 050011AC:C350 020011AC:15B5 01 00000000:00000000\n"
    )
    assert list(sockets(tmp_path)) == [("0A", 8000, 0), ("01", 50000, 5557)]
