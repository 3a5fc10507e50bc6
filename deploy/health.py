"""The image's health check: what listens in this container must answer.

python deploy/health.py                   whichever of web UI, sidecar and demo listens
python deploy/health.py 8000              this one has to
python deploy/health.py --connected 5557  a worker: is there a connection to its master?

Without a port, what listens nowhere is healthy while it runs. The standard library alone: it
starts every few seconds.
"""

from __future__ import annotations

import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PATHS = {8089: "/", 8765: "/v1/health", 8000: "/health"}
ESTABLISHED, LISTENING = "01", "0A"
SECONDS = 2.0


def sockets(folder: Path = Path("/proc/self/net")) -> Iterator[tuple[str, int, int]]:
    """State, local port and remote port of each TCP socket in this network namespace."""
    for name in ("tcp", "tcp6"):
        try:
            lines = (folder / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, remote, state, *_ = line.split()
            yield state, int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16)


def answers(port: int, path: str) -> bool:
    """Whether it answers at all below 500, in clear or over TLS."""
    # Who asks itself on loopback need not check a certificate that names another host.
    context = ssl._create_unverified_context()  # noqa: S323
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    for scheme in ("http", "https"):
        try:
            with opener.open(f"{scheme}://127.0.0.1:{port}{path}", timeout=SECONDS):
                return True
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return True
        except (OSError, ValueError):
            continue
    return False


def main(words: list[str]) -> int:
    """0: healthy; 1: not, and why."""
    now = list(sockets())
    if words[:1] == ["--connected"]:
        port = int(words[1])
        if any(state == ESTABLISHED and remote == port for state, _, remote in now):
            return 0
        print(f"no connection to port {port} of the master")
        return 1
    listening = {local for state, local, _ in now if state == LISTENING}
    for port in map(int, words) if words else PATHS.keys() & listening:
        if port not in listening or (port in PATHS and not answers(port, PATHS[port])):
            print(f"port {port} does not answer")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
