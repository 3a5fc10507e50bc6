"""Verdicts: pure functions over an aligned run; nothing is read and nothing printed."""
