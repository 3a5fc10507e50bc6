"""The control server: phases in, status and samples out. Loopback and a token only."""

from __future__ import annotations

import hmac
import logging
import math
import re
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from gevent.pywsgi import WSGIServer

from memory_sidecar.errors import SidecarError
from memory_sidecar.metrics import metrics_text
from memory_sidecar.sampler import KEPT_SAMPLES, Announcement, Sampler
from memory_sidecar.status import status_of
from rundir import MEMORY_COLUMNS

LOOPBACK = "127.0.0.1"
MOMENT = re.compile(r"[a-z0-9-]{1,60}")


class BadRequest(Exception):
    """A control message that does not say what it must."""


def start_server(app: Flask, port: int) -> WSGIServer:
    """Listen on loopback; port 0 takes a free one. Raises SidecarError where it is taken."""
    # Requests hold a token in their headers and come every second: not logged.
    server = WSGIServer((LOOPBACK, port), app, log=None, error_log=logging.getLogger(__name__))
    try:
        server.start()
    except OSError as error:
        raise SidecarError(
            f"control server: port {port} cannot be used ({error.strerror}); "
            "choose another, or 0 for a free one"
        ) from None
    return server


def control_app(sampler: Sampler, token: str, on_stop: Callable[[str], None]) -> Flask:
    """The routes. `on_stop` is called with the reason given."""
    app = Flask(__name__)
    state = {"name": "sampling"}

    @app.before_request
    def refuse_strangers() -> Any:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return jsonify({"error": "a bearer token is needed"}), 401
        return None

    @app.errorhandler(BadRequest)
    def tell(error: BadRequest) -> Any:
        return jsonify({"error": str(error)}), 400

    @app.post("/v1/phase")
    def phase() -> Any:
        words = _words()
        name = words.get("phase")
        if name is not None and not (isinstance(name, str) and 0 < len(name) <= 100):
            raise BadRequest("phase: expected a name of 1 to 100 characters, or null")
        sampler.begin_phase(
            Announcement(
                name,
                index=int(_number(words, "index", 0)),
                users=int(_number(words, "users", 0)),
                seconds=None if words.get("seconds") is None else _number(words, "seconds"),
                time=_number(words, "time", time.time()),
                monotonic=_number(words, "monotonic", time.monotonic()),
                resumed=words.get("resumed") is True,
            )
        )
        return jsonify({"ok": True})

    @app.post("/v1/load")
    def load() -> Any:
        users = int(_number(_words(), "users"))
        with sampler.lock:
            sampler.tag.users = users
            answer = status_of(sampler, state["name"])
            sampler.peak_since_load = None
        return jsonify(answer)

    @app.post("/v1/look")
    def look() -> Any:
        moment = _words().get("moment")
        if not (isinstance(moment, str) and MOMENT.fullmatch(moment)):
            raise BadRequest("moment: expected a name of letters, digits and - (it names files)")
        now = time.monotonic()
        between = Announcement(None, 0, 0, None, sampler.recorder.clock.at(now), now)
        sampler.begin_phase(between)
        if sampler.inside is not None:
            sampler.inside.look(moment)
        return jsonify(status_of(sampler, state["name"]))

    @app.get("/v1/status")
    def status() -> Any:
        return jsonify(status_of(sampler, state["name"]))

    @app.get("/v1/samples")
    def samples() -> Any:
        since = request.args.get("since", 0.0, type=float)
        limit = min(max(request.args.get("limit", 1000, type=int), 1), KEPT_SAMPLES)
        names = [column.name for column in MEMORY_COLUMNS]
        with sampler.lock:
            rows = [sample for sample in sampler.samples if sample.time > since][:limit]
        return jsonify({"columns": names, "rows": [[getattr(r, n) for n in names] for r in rows]})

    @app.post("/v1/stop")
    def stop() -> Any:
        state["name"] = "stopping"
        final = status_of(sampler, "stopping")
        on_stop(str(_words().get("reason", "asked")))
        return jsonify(final)

    @app.get("/metrics")
    def metrics() -> Response:
        text = metrics_text(status_of(sampler, state["name"]))
        return Response(text, mimetype="text/plain; version=0.0.4")

    return app


def _words() -> dict[str, Any]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise BadRequest("expected a JSON object")
    return content


def _number(words: dict[str, Any], key: str, default: float | None = None) -> float:
    value = words.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest(f"{key}: expected a number")
    return value
