"""What would decide whether requests leak, in a run that hardly asks any."""

from __future__ import annotations

from reports.connections.judging import of_few_requests
from reports.findings import MemoryVerdict
from reports.verdicts.leak import LONG_ENOUGH


def test_a_longer_hold_is_no_advice_but_a_run_of_requests_is() -> None:
    found = of_few_requests(MemoryVerdict("cannot_tell", ("few",), would_decide=LONG_ENOUGH))
    assert found.would_decide is not None and "without PLAN=connections" in found.would_decide
    assert (found.verdict, found.reasons) == ("cannot_tell", ("few",))


def test_any_other_advice_stays() -> None:
    stable = MemoryVerdict("stable", ("no growth",))
    failed = MemoryVerdict("cannot_tell", ("failures",), would_decide="the same run without that")
    assert (of_few_requests(stable), of_few_requests(failed)) == (stable, failed)
