"""Runs under a hard limit: what happened there, and what that proves of another run's advice."""
