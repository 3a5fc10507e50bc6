"""A probe without a line of code: in every process below a command, forked or spawned."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from memory_sidecar.probe.asking import NoAnswer, ask, has_probe, socket_of
from memory_sidecar.probe.listening import private_folder
from tests.probe.serving import ROOT, Served, serving

pytestmark = pytest.mark.live

FAMILY = """
import multiprocessing, os, subprocess, sys, time
def child(): time.sleep(60)
if __name__ == "__main__":
    forked = os.fork()
    if not forked: child()
    spawned = multiprocessing.get_context("spawn").Process(target=child)
    spawned.start()
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(os.getpid(), forked, spawned.pid, other.pid, flush=True)
    time.sleep(60)
"""


def wait_for_probe(pid: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            ask(pid, "hello")
        except NoAnswer:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no probe in process {pid}")


@pytest.fixture
def family(tmp_path: Path) -> Iterator[list[int]]:
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    command = [sys.executable, "-m", "memory_sidecar.probe", "run", "--", sys.executable]
    root = psutil.Popen([*command, str(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield [int(word) for word in root.stdout.readline().split()]
    for process in [*root.children(recursive=True), root]:
        process.kill()
    root.wait()


def test_forked_spawned_and_started_children_have_a_probe_each(family: list[int]) -> None:
    for pid in family:
        wait_for_probe(pid)
        assert ask(pid, "hello")["pid"] == pid


def two_workers(served: Served) -> list[int]:
    """The second one may still be starting when the first one answers."""
    deadline = time.monotonic() + 20
    while len(served.workers()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    return served.workers()


def test_gunicorns_workers_have_one_with_and_without_preload() -> None:
    before = ("-m", "memory_sidecar.probe", "run", "--")
    for words in ((), ("--preload",)):
        with serving("flask", *words, before=before) as served:
            workers = two_workers(served)
            assert len(workers) == 2
            for pid in (served.process.pid, *workers):
                wait_for_probe(pid)


def test_another_user_cannot_open_the_socket(family: list[int]) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root to become somebody else")
    wait_for_probe(family[0])
    path = socket_of(family[0])
    found = path.stat()
    assert (found.st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    script = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
    )
    # The way without /proc, which the kernel closes to strangers anyway.
    plain = Path("/", *path.parts[4:])
    assert plain.exists()
    done = subprocess.run(
        [sys.executable, "-c", script, str(plain)], capture_output=True, text=True, check=False
    )
    assert "PermissionError" in done.stderr


def test_a_folder_that_others_can_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    loose.chmod(0o777)
    monkeypatch.setattr("memory_sidecar.probe.listening.SOCKETS", str(loose))
    with pytest.raises(PermissionError, match="that only user"):
        private_folder()
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    monkeypatch.setattr("memory_sidecar.probe.listening.SOCKETS", str(link))
    with pytest.raises(PermissionError):
        private_folder()


def test_in_production_there_is_no_socket() -> None:
    before = ("-m", "memory_sidecar.probe", "run", "--")
    with serving("flask", before=before, APP_ENV="prod") as served:
        assert not any(has_probe(pid) for pid in (served.process.pid, *served.workers()))


def test_nonsense_on_the_socket_is_answered_with_an_error(family: list[int]) -> None:
    wait_for_probe(family[0])
    for line in (b"nonsense\n", b"[]\n", b'{"ask": "nothing"}\n'):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(socket_of(family[0])))
            connection.sendall(line)
            assert "error" in json.loads(connection.recv(65536))
    assert ask(family[0], "usage")["rss_bytes"] > 0


def test_the_command_says_what_is_wrong_in_one_line() -> None:
    for words, told in ((["run"], "say which command"), (["ask", "1"], "does not answer"),
                        (["run", "--", "no-such-program"], "cannot be started")):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "memory_sidecar.probe", *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert told in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.version_info < (3, 14), reason="sys.remote_exec came with Python 3.14")
def test_a_running_process_can_be_attached_to() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time\nwhile True: time.sleep(0.1)"])
    try:
        time.sleep(0.5)
        words = [sys.executable, "-m", "memory_sidecar.probe", "attach", str(process.pid)]
        subprocess.run(words, cwd=ROOT, check=True)
        assert ask(process.pid, "hello")["pid"] == process.pid
    finally:
        process.kill()


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="3.14 can")
def test_an_older_python_says_that_it_cannot_attach() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memory_sidecar.probe", "attach", str(os.getpid())],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot attach to a running process (3.14 can)" in done.stderr
