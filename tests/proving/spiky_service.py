"""A service whose need is known: BASE MiB that stay, and SPIKE MiB for a moment, one at a time.

    python -m tests.proving.spiky_service PORT BASE_MIB SPIKE_MIB

`/light` answers; `/heavy` maps SPIKE MiB, touches each page, and gives them back.
"""

from __future__ import annotations

import mmap
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MIB = 2**20


def touched(mib: int) -> mmap.mmap:
    """Anonymous memory of which every page is charged."""
    memory = mmap.mmap(-1, mib * MIB)
    for offset in range(0, mib * MIB, 4096):
        memory[offset] = 1
    return memory


class Handler(BaseHTTPRequestHandler):
    """Answers GET with a few bytes."""

    protocol_version = "HTTP/1.1"
    spike_mib = 0
    one_at_a_time = threading.Lock()

    def do_GET(self) -> None:
        if self.path.startswith("/heavy"):
            with self.one_at_a_time:
                touched(self.spike_mib).close()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def main() -> None:
    """Serve until killed."""
    port, base, Handler.spike_mib = map(int, sys.argv[1:4])
    kept = touched(base)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.serve_forever()
    kept.close()


if __name__ == "__main__":
    main()
