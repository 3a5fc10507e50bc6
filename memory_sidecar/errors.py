"""Errors that a user can mend; each carries its exit code."""

from __future__ import annotations


class SidecarError(Exception):
    """Bad input or a refusing system. Printed as one line on stderr."""

    exit_code = 2


class TargetError(SidecarError):
    """The target cannot be found or read."""


class SidecarUnreachable(SidecarError):
    """The sidecar does not answer."""
