"""The live page in Locust's web UI: what a run shows while it goes on, and the runs before."""
