"""Who measures a run: the sidecar beside us, or one on each host where the service runs."""
