"""`python -m memory_sidecar`: the only place that turns errors into exit codes."""

from __future__ import annotations

import sys

from memory_sidecar.cli import check, parser
from memory_sidecar.errors import SidecarError
from memory_sidecar.watch import watch


def main() -> int:
    """Parse, watch, end."""
    options = parser().parse_args()
    try:
        check(options)
        return watch(options)
    except SidecarError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
