"""A scenario of the services whose need is known."""

from __future__ import annotations

from pathlib import Path

TEXT = """\
name = "{name}"
[target]
base_url = "http://127.0.0.1:0"
command = {command}
env = {{ SPIKE_MIB = "{spike}" }}
health = "/light"
[weights]
light = 60
medium = 0
heavy = 40
[think_time]
min_seconds = 0.02
max_seconds = 0.05
[phases]
baseline_seconds = 1
load_seconds = 6
cooldown_seconds = 1
users = 3
spawn_rate = 10
[[endpoints]]
path = "/light"
tier = "light"
[[endpoints]]
path = "/heavy"
tier = "heavy"
"""


def spiky_scenario(folder: Path, base: int, spike: int) -> Path:
    """One process: BASE MiB and spikes of SPIKE MiB."""
    words = ["{python}", "-m", "tests.proving.spiky_service", "{port}", str(base), str(spike)]
    path = folder / "spiky.toml"
    path.write_text(TEXT.format(name="spiky", command=repr(words), spike=spike))
    return path


def two_workers_scenario(folder: Path, spike: int) -> Path:
    """gunicorn with two workers, each with spikes of its own."""
    words = ["{python}", "-m", "gunicorn", "tests.proving.spiky_wsgi:app", "--workers", "2"]
    words += ["--bind", "127.0.0.1:{port}"]
    path = folder / "two-workers.toml"
    path.write_text(TEXT.format(name="two-workers", command=repr(words), spike=spike))
    return path
