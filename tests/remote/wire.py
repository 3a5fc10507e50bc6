"""A wire that can be cut: forwards TCP connections to one of several places in turn."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading

PIECE = 16_384


class Wire:
    """`down` cuts what is open and refuses what comes; `cut_after` cuts once in an answer."""

    def __init__(self, *ports: int) -> None:
        self._ports = itertools.cycle(ports)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.is_down = False
        self.cut_after: int | None = None
        self.flip_after: int | None = None
        self.cuts = self.flips = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def down(self) -> None:
        """Nothing goes through from now on."""
        self.is_down = True
        with self._lock:
            for one in self._open:
                _close(one)
            self._open.clear()

    def up(self) -> None:
        """Everything goes through again."""
        self.is_down = False

    def close(self) -> None:
        self.down()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.is_down:
                _close(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", next(self._ports)), timeout=5)
            except OSError:
                _close(near)
                continue
            far.settimeout(None)
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, giver: socket.socket, taker: socket.socket, is_answer: bool) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while piece := giver.recv(PIECE):
                carried += len(piece)
                if is_answer and self.cut_after is not None and carried > self.cut_after:
                    self.cut_after, self.cuts = None, self.cuts + 1
                    break
                if is_answer and self.flip_after is not None and carried > self.flip_after:
                    self.flip_after, self.flips = None, self.flips + 1
                    piece = piece[:-1] + bytes([piece[-1] ^ 1])
                taker.sendall(piece)
        for one in (giver, taker):
            _close(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        one.close()
