"""A scope of the user's own systemd: no root needed where a user manager runs."""

from __future__ import annotations

import shutil
import subprocess

from harness.limits.way import HardLimit, LimitWay

PATIENCE_SECONDS = 5.0


def wrap(command: tuple[str, ...], limit: HardLimit) -> tuple[str, ...]:
    """systemd-run registers itself in the scope and becomes the command: the pid stays."""
    words = ["systemd-run", "--user", "--scope", "--quiet", "--collect"]
    words += ["-p", f"MemoryMax={limit.size_bytes}", "-p", "MemorySwapMax=0"]
    words += ["-p", f"OOMPolicy={'kill' if limit.oom_group else 'continue'}"]
    return (*words, "--", *command)


def refusal() -> str | None:
    """Why no scope can be made here."""
    if shutil.which("systemd-run") is None:
        return "there is no systemd-run"
    words = ["systemd-run", "--user", "--scope", "--quiet", "--collect", "-p", "MemoryMax=64M"]
    try:
        done = subprocess.run(
            [*words, "--", "true"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"systemd-run does not answer ({error.__class__.__name__})"
    last = done.stderr.strip().splitlines()[-1:]
    return None if done.returncode == 0 else (last[0] if last else "systemd-run failed")


WAY = LimitWay(
    "systemd",
    "what cgroup v2 counts: anonymous memory, page cache, kernel memory",
    "log in with a user session (loginctl enable-linger), with cgroup v2",
    refusal,
    wrap,
)
