"""The error a user can mend: it names what is wrong, where, and what to do."""

from __future__ import annotations


class UsageError(Exception):
    """Bad input. Printed as one line on stderr; the process ends with `exit_code`."""

    exit_code = 2
