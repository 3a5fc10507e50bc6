"""One run: target, sidecar, run directory, phase announcements, exit code."""
