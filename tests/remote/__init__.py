"""Sidecars as services of their own: real processes, on loopback."""
