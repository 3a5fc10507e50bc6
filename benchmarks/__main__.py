"""`make bench`: every benchmark in turn, figures on stdout."""

from __future__ import annotations

import statistics
import sys

from benchmarks import overhead, throughput


def main() -> int:
    """Run all; 1 when one falls short of what the project promises."""
    print("throughput: the suite's users against a bare FastHttpUser, same server")
    ratio = throughput.measure()
    print(
        f"  median of {len(ratio.ours)} pairs: ratio {ratio.median:.3f} (promised: 0.95); "
        f"ours {statistics.median(ratio.ours):,.0f}/s, "
        f"bare {statistics.median(ratio.baseline):,.0f}/s"
    )
    print("overhead: seconds beyond the phases of a demo run, report included")
    seconds = [overhead.measure() for _ in range(3)]
    print(f"  {', '.join(f'{s:.2f}' for s in seconds)} s (promised: under 6)")
    return 0 if ratio.median >= 0.95 and statistics.median(seconds) < 6 else 1


if __name__ == "__main__":
    sys.exit(main())
