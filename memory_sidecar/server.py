"""The control server: phases in, status and samples out. Never without a token."""

from __future__ import annotations

import hmac
import logging
import math
import re
import socket
import time
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, Response, jsonify, request
from gevent import ssl
from gevent.pywsgi import WSGIServer

from memory_sidecar.address import Address
from memory_sidecar.errors import SidecarError
from memory_sidecar.metrics import metrics_text
from memory_sidecar.sampler import KEPT_SAMPLES, Announcement, Sampler
from memory_sidecar.status import status_of
from rundir import MEMORY_COLUMNS

MOMENT = re.compile(r"[a-z0-9-]{1,60}")


class BadRequest(Exception):
    """A control message that does not say what it must."""


class Watched(Protocol):
    """What the control server shows and steers."""

    @property
    def sampler(self) -> Sampler:
        """The one that samples now."""

    @property
    def state(self) -> str:
        """In one word."""

    def stop(self, reason: str) -> None:
        """End what goes on."""


class _Server(WSGIServer):
    """One that speaks plain HTTP to a TLS port is no fault of ours to print a trace about."""

    def do_read(self) -> Any:
        accepted = super().do_read()
        if accepted:
            # Head and body are two writes: the second must not wait 40 ms for an acknowledgement.
            accepted[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return accepted

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> Any:
        try:
            return super().wrap_socket_and_handle(client_socket, address)
        except (ssl.SSLError, ConnectionError):
            client_socket.close()
            return None


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """For a server, TLS 1.2 or later. Raises SidecarError where the files do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SidecarError(
            f"--tls-cert {certificate} --tls-key {key}: {error.strerror or error}; give a PEM"
            " certificate and its key"
        ) from None
    return context


def start_server(app: Flask, address: Address, tls: ssl.SSLContext | None = None) -> WSGIServer:
    """Listen; port 0 takes a free one. Raises SidecarError where that cannot be done."""
    # Requests hold a token in their headers and come every second: not logged.
    where, quiet = (address.host, address.port), logging.getLogger(__name__)
    server: WSGIServer
    if tls is None:
        server = _Server(where, app, log=None, error_log=quiet)
    else:
        server = _Server(where, app, log=None, error_log=quiet, ssl_context=tls)
    try:
        server.start()
    except OSError as error:
        raise SidecarError(
            f"control server: {address} cannot be used ({error.strerror}); "
            "choose another, or 0 for a free one"
        ) from None
    return server


def control_app(watched: Watched, token: str, open_paths: tuple[str, ...] = ()) -> Flask:
    """The routes; all but `open_paths` need the token."""
    app = Flask(__name__)

    @app.before_request
    def refuse_strangers() -> Any:
        given = request.headers.get("Authorization", "")
        if request.path in open_paths:
            return None
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return jsonify({"error": "a bearer token is needed"}), 401
        return None

    @app.errorhandler(BadRequest)
    def tell(error: BadRequest) -> Any:
        return jsonify({"error": str(error)}), 400

    @app.post("/v1/phase")
    def phase() -> Any:
        sampler, words = watched.sampler, words_of_request()
        name = words.get("phase")
        if name is not None and not (isinstance(name, str) and 0 < len(name) <= 100):
            raise BadRequest("phase: expected a name of 1 to 100 characters, or null")
        sampler.begin_phase(
            Announcement(
                name,
                index=int(number_in(words, "index", 0)),
                users=int(number_in(words, "users", 0)),
                seconds=None if words.get("seconds") is None else number_in(words, "seconds"),
                time=number_in(words, "time", time.time()),
                monotonic=number_in(words, "monotonic", time.monotonic()),
                resumed=words.get("resumed") is True,
            )
        )
        return jsonify({"ok": True})

    @app.post("/v1/load")
    def load() -> Any:
        sampler, users = watched.sampler, int(number_in(words_of_request(), "users"))
        with sampler.lock:
            sampler.tag.users = users
            answer = status_of(sampler, watched.state)
            sampler.peak_since_load = None
        return jsonify(answer)

    @app.post("/v1/look")
    def look() -> Any:
        sampler, moment = watched.sampler, words_of_request().get("moment")
        if not (isinstance(moment, str) and MOMENT.fullmatch(moment)):
            raise BadRequest("moment: expected a name of letters, digits and - (it names files)")
        now = time.monotonic()
        between = Announcement(None, 0, 0, None, sampler.recorder.clock.at(now), now)
        sampler.begin_phase(between)
        if sampler.inside is not None:
            sampler.inside.look(moment)
        return jsonify(status_of(sampler, watched.state))

    @app.get("/v1/status")
    def status() -> Any:
        return jsonify(status_of(watched.sampler, watched.state))

    @app.get("/v1/samples")
    def samples() -> Any:
        since = request.args.get("since", 0.0, type=float)
        limit = min(max(request.args.get("limit", 1000, type=int), 1), KEPT_SAMPLES)
        names = [column.name for column in MEMORY_COLUMNS]
        sampler = watched.sampler
        with sampler.lock:
            rows = [sample for sample in sampler.samples if sample.time > since][:limit]
        return jsonify({"columns": names, "rows": [[getattr(r, n) for n in names] for r in rows]})

    @app.post("/v1/stop")
    def stop() -> Any:
        final = status_of(watched.sampler, "stopping")
        watched.stop(str(words_of_request().get("reason", "asked")))
        return jsonify(final)

    @app.get("/metrics")
    def metrics() -> Response:
        text = metrics_text(status_of(watched.sampler, watched.state))
        return Response(text, mimetype="text/plain; version=0.0.4")

    return app


def words_of_request() -> dict[str, Any]:
    """The JSON object of the request. Raises BadRequest."""
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise BadRequest("expected a JSON object")
    return content


def number_in(words: dict[str, Any], key: str, default: float | None = None) -> float:
    """A finite number. Raises BadRequest."""
    value = words.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest(f"{key}: expected a number")
    return value
