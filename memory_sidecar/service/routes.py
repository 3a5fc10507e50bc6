"""What a sidecar elsewhere answers beside its control server: runs, their files, its clock."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import psutil
from flask import Flask, Response, jsonify, request

from memory_sidecar.errors import SidecarError
from memory_sidecar.server import BadRequest, control_app, number_in, words_of_request
from memory_sidecar.service.files import chunk_of, listing
from memory_sidecar.service.host import host_facts
from memory_sidecar.service.runs import NotNow, Runs
from rundir import RUN_NAME, RunClock, RunDirectory

RUN_HEADER = "X-Plimsoll-Run"
OF_A_RUN = ("/v1/phase", "/v1/load", "/v1/look", "/v1/stop")
MOST_BODY_BYTES = 64 * 1024


def service_app(runs: Runs, token: str, clock: Callable[[], RunClock]) -> Flask:
    """The control server's routes and those of a service. `clock` is the one of the run."""
    app = control_app(runs, token, open_paths=("/v1/health",))
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES

    @app.before_request
    def belongs_to_the_run() -> None:
        if request.path in OF_A_RUN:
            runs.hear(request.headers.get(RUN_HEADER))

    @app.errorhandler(NotNow)
    def tell_not_now(error: NotNow) -> Any:
        return jsonify({"error": str(error)}), 409

    @app.errorhandler(SidecarError)
    def tell_refusal(error: SidecarError) -> Any:
        return jsonify({"error": str(error)}), 503

    @app.get("/v1/health")
    def health() -> Any:
        return jsonify({"ok": True})

    @app.get("/v1/clock")
    def tell_clock() -> Any:
        now = time.monotonic()
        return jsonify({"wall": clock().at(now), "monotonic": now})

    @app.post("/v1/runs")
    def begin() -> Any:
        words = words_of_request()
        name, interval = _run_name(words.get("run")), None
        if words.get("interval") is not None:
            interval = number_in(words, "interval")
            if not 0.01 <= interval <= 60:
                raise BadRequest("interval: expected 0.01 to 60 seconds")
        resumed = runs.begin(name, interval)
        sampler = runs.sampler
        root = sampler.tree.root
        return jsonify(
            {
                "run": name,
                "resumed": resumed,
                "pid": root.pid if root else None,
                "interval": sampler.interval_seconds,
                "limit_source": sampler.limit.source,
                "host": host_facts(psutil.virtual_memory().total),
            }
        )

    @app.get("/v1/runs/<name>/files")
    def files(name: str) -> Any:
        directory = _existing(runs, name)
        answer = jsonify(listing(directory, ended=runs.has_ended(name)))
        if name in runs.complaints:
            answer.headers["X-Complaint"] = runs.complaints[name].replace("\n", " ")[:300]
        return answer

    @app.get("/v1/runs/<name>/files/<file>")
    def file(name: str, file: str) -> Any:
        path = _existing(runs, name).sidecar_file(file)
        if path is None or not path.is_file():
            return jsonify({"error": "no such file of a run"}), 404
        offset = request.args.get("offset", 0, type=int)
        content, size = chunk_of(path, offset) if offset >= 0 else (b"", -1)
        if not 0 <= offset <= size:
            raise BadRequest(f"offset: expected 0 to {path.stat().st_size}")
        answer = Response(content, mimetype="application/octet-stream")
        answer.headers["X-Chunk-Sha256"] = hashlib.sha256(content).hexdigest()
        answer.headers["X-File-Size"] = str(size)
        return answer

    return app


def _run_name(name: object) -> str:
    if not isinstance(name, str) or not RUN_NAME.fullmatch(name):
        raise BadRequest("run: expected a name of letters, digits, '.', '_' and '-'")
    return name


def _existing(runs: Runs, name: str) -> RunDirectory:
    directory = runs.directory(_run_name(name))
    if not directory.path.is_dir():
        raise BadRequest(f"there is no run {name} here")
    return directory
