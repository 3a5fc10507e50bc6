"""The child of DEMO_LEAK_IN=child: keeps as many bytes as each line of its stdin says."""

import sys

from demo.ballast import Ballast


def main() -> None:
    """Keep until stdin ends."""
    ballast = Ballast()
    for line in sys.stdin:
        ballast.add(int(line))


if __name__ == "__main__":
    main()
