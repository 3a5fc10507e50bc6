"""The errors that this package tells people about."""

from __future__ import annotations


class UsageError(Exception):
    """What was asked cannot be done; the message names the value and the fix (exit code 2)."""
