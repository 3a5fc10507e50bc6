"""The five services: how each is started, with which data, and which requests it gets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.services.installing import node_script, python_program

Command = Callable[[Path], list[str] | None]
"""Makes the data in a folder and gives the command, `{port}` in it; None: cannot run here."""


@dataclass(frozen=True, slots=True)
class Service:
    """A public service with its version; paths by tier (light, medium, heavy)."""

    name: str
    version: str
    what: str
    command: Command
    health: str
    light: tuple[str, ...]
    medium: tuple[str, ...]
    heavy: tuple[str, ...]


def _datasette(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "shop.db") as database:
        database.execute("create table orders (id integer primary key, customer text, total real)")
        rows = ((n, f"customer {n % 997}", n * 0.01) for n in range(50_000))
        database.executemany("insert into orders values (?, ?, ?)", rows)
    return [python_program("datasette"), "serve", str(folder / "shop.db"), "-p", "{port}"]


def _pypiserver(folder: Path) -> list[str]:
    for number in range(300):
        (folder / f"package{number}-1.0.tar.gz").write_bytes(b"\0" * 1000)
    return [python_program("pypi-server"), "run", "-i", "127.0.0.1", "-p", "{port}", str(folder)]


def _radicale(folder: Path) -> list[str]:
    return [
        python_program("radicale"), "--server-hosts", "127.0.0.1:{port}", "--auth-type", "none",
        "--storage-filesystem-folder", str(folder),
    ]  # fmt: skip


def _httpbin(_folder: Path) -> list[str]:
    return [python_program("gunicorn"), "httpbin:app", "-w", "2", "-b", "127.0.0.1:{port}"]


def _json_server(folder: Path) -> list[str] | None:
    found = node_script("json-server", "lib/cli/bin.js")
    posts = [{"id": n, "title": f"post {n}", "body": "words " * 50} for n in range(1, 2001)]
    (folder / "db.json").write_text(json.dumps({"posts": posts}))
    if found is None:
        return None
    return [*found, "--quiet", "--host", "127.0.0.1", "--port", "{port}", str(folder / "db.json")]


SERVICES = (
    Service(
        "datasette", "0.65.5", "SQLite as an API, uvicorn", _datasette, "/-/versions.json",
        ("/-/versions.json",), ("/shop/orders.json?_size=100", "/shop/orders?_size=100"),
        ("/shop/orders.json?_size=1000&_shape=array", "/shop.json?sql=select+*+from+orders"),
    ),
    Service(
        "pypiserver", "2.4.2", "a package index, Bottle", _pypiserver, "/health",
        ("/health",), ("/simple/package7/", "/package9/"), ("/simple/",),
    ),
    Service(
        "radicale", "3.9.0", "a calendar server, WSGI", _radicale, "/.web/",
        ("/.web/",), ("/.web/css/main.css",), ("/.web/index.html",),
    ),
    Service(
        "httpbin", "0.10.4", "Flask under gunicorn, 2 workers", _httpbin, "/status/200",
        ("/status/200",), ("/json", "/bytes/102400"), ("/stream-bytes/2000000", "/bytes/100000"),
    ),
    Service(
        "json-server", "0.17.4", "Express on Node", _json_server, "/posts/1",
        ("/posts/1",), ("/posts?_page=3&_limit=50", "/posts?q=title"), ("/posts",),
    ),
)  # fmt: skip
