"""The sidecar as a service on another host: it serves many runs, one after the other."""
