"""A tree of processes that do nothing: a root with children that share what it has filled."""

from __future__ import annotations

import os
import signal
import sys

BALLAST_BYTES = 50 * 2**20


def main() -> None:
    """Fork, say ready, wait for the end of input, and end the children."""
    ballast = bytearray(b"\x5a" * BALLAST_BYTES)
    children = []
    for _ in range(int(sys.argv[1]) - 1):
        pid = os.fork()
        if not pid:
            # The pipe's end must not stay open in a child, nor a child outlive a killed root.
            sys.stdin.close()
            while os.getppid() != 1:
                signal.sigtimedwait([signal.SIGTERM], 3600)
        children.append(pid)
    print("ready", len(ballast), flush=True)
    sys.stdin.read()
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
