"""Sidecars, targets and certificates for the tests."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from memory_sidecar.connection import tls_for_clients
from memory_sidecar.remote_client import RemoteClient

ROOT = Path(__file__).parents[2]
TOKEN = "right"
TOKENS = {"PLIMSOLL_SIDECAR_TOKEN": TOKEN}
HOLDING = "import time; held = bytearray(b'x' * (20 << 20)); print(1, flush=True); time.sleep(300)"


@dataclass(frozen=True)
class Certificate:
    """Made for this test; who trusts `certificate` trusts the server."""

    certificate: Path
    key: Path

    @property
    def words(self) -> list[str]:
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]


def make_certificate(folder: Path) -> Certificate:
    """Self-signed, for 127.0.0.1."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is needed to make a certificate")
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=sidecar", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(made.key), "-out", str(made.certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made


@dataclass(frozen=True)
class Sidecar:
    """A running one."""

    process: subprocess.Popen[str]
    url: str
    folder: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self, url: str | None = None, token: str = TOKEN) -> RemoteClient:
        return RemoteClient(url or self.url, token, tls())

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


def tls(authority: Path | None = None) -> ssl.SSLContext:
    return tls_for_clients(authority)


@contextlib.contextmanager
def holding_target() -> Iterator[int]:
    """The pid of a process that holds 20 MiB."""
    process = subprocess.Popen([sys.executable, "-c", HOLDING], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def sidecar(
    folder: Path, *words: str, address: str = "0", within: tuple[str, ...] = ()
) -> Iterator[Sidecar]:
    """One that serves runs into `folder` until the test is over; `within`: a command around it."""
    command = [*within, sys.executable, "-m", "memory_sidecar", "--remote", "--serve", address]
    process = subprocess.Popen(
        [*command, "--run-dir", str(folder), *words],
        stdout=subprocess.PIPE,
        stderr=(folder.parent / f"{folder.name}.log").open("a"),
        env=os.environ | TOKENS,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield Sidecar(process, str(json.loads(process.stdout.readline())["url"]), folder)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Block until `what` answers something; the answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def run_of(client: RemoteClient, name: str, ticks: int = 8) -> None:
    """A whole run of so many ticks, with a phase in it."""
    client.begin_run(name, 0.05)
    client.announce_phase("load", index=0, users=3, seconds=1.0)
    wait_for(lambda: client.status().ticks >= ticks)
    client.stop("completed")
    wait_for(lambda: not client.goes_on())
