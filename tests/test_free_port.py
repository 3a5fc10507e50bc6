"""The port of a service that is about to start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

import harness.free_port
from harness.free_port import free_port

OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not OUTGOING.exists(), reason="no /proc")
def test_no_outgoing_connection_is_given_it_meanwhile() -> None:
    lowest, highest = map(int, OUTGOING.read_text().split())
    if lowest < harness.free_port.BEHIND_HIGHEST:
        pytest.skip("this system gives outgoing connections lower ports, too")
    assert not any(lowest <= free_port() <= highest for _ in range(50))


def test_a_port_on_which_somebody_listens_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listening:
        taken = listening.getsockname()[1]
        monkeypatch.setattr(harness.free_port, "LOWEST", taken)
        monkeypatch.setattr(harness.free_port, "BEHIND_HIGHEST", taken + 2)
        assert {free_port() for _ in range(10)} == {taken + 1}


def test_where_all_of_them_are_taken_the_system_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listening:
        taken = listening.getsockname()[1]
        monkeypatch.setattr(harness.free_port, "LOWEST", taken)
        monkeypatch.setattr(harness.free_port, "BEHIND_HIGHEST", taken + 1)
        assert free_port() != taken
