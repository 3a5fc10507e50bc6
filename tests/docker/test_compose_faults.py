"""What goes wrong with containers in mid-run: each time there is a report, and it says what."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

from tests.docker.stack import CALLER, docker, needs_engine, stack

pytestmark = needs_engine
LEAKING = Path(__file__).with_name("leaking.yml")
CUT_SECONDS = 10


def test_a_target_that_is_killed_for_memory_takes_the_sidecar_along_but_not_its_samples(
    image: str, tmp_path: Path
) -> None:
    with stack(tmp_path, LEAKING, LOAD="25") as one:
        code, said = one.end()
        found = one.report()
    assert code == 1, said
    assert found["verdict"]["fit"] == "fails", found["verdict"]
    sentence = found["verdict"]["sentence"]
    assert " s" in sentence and "(pid 1)" in sentence, sentence
    # Whether the sidecar read the kernel's count before it was ended with the target is a race.
    likely = "most likely killed for lack of it" in sentence
    assert likely or "(pid 1) was killed for lack of memory" in sentence, sentence
    load = next(phase for phase in found["phases"] if phase["name"] == "load")
    # It was killed at 192 MiB: what is seen before that comes close to it.
    assert load["memory_bytes"]["max_sampled"] > 150 * 2**20


def test_a_worker_that_is_killed_is_named_and_the_other_goes_on(image: str, tmp_path: Path) -> None:
    with stack(tmp_path, LOAD="16") as one:
        one.wait_for_load()
        docker("kill", "--signal", "KILL", one.ids("worker")[0])
        code, said = one.end()
        found = one.report()
    assert code == 0, said
    assert any("worker" in text and "was lost, and 1 went on" in text for text in found["caveats"])
    assert found["phases"][1]["requests"] > 0
    assert found["phases"][2]["name"] == "cooldown"


def test_a_sidecar_that_is_cut_off_for_ten_seconds_loses_no_sample(
    image: str, tmp_path: Path
) -> None:
    with stack(tmp_path, LOAD="20") as one:
        one.wait_for_load()
        sidecar = one.id("sidecar")
        docker("network", "disconnect", one.network, sidecar)
        time.sleep(CUT_SECONDS)
        docker("network", "connect", "--alias", "sidecar", one.network, sidecar)
        code, said = one.end()
        found, events = one.report(), one.events()
        rows = (one.run() / "memory_samples.csv").read_text().splitlines()[1:]
    assert code == 0, said
    assert {"connection_lost", "connection_back"} <= {event["name"] for event in events}
    assert any("did not answer; it went on measuring" in text for text in found["caveats"])
    times = [float(row.split(",")[0]) for row in rows]
    assert max(b - a for a, b in pairwise(times)) < CUT_SECONDS / 2


def test_a_master_that_is_stopped_still_reports_what_was_until_then(
    image: str, tmp_path: Path
) -> None:
    with stack(tmp_path, LOAD="60") as one:
        one.wait_for_load()
        docker("stop", "--time", "60", one.id("headless"))
        _, said = one.end()
        found = one.report()
    assert found["run"]["end_reason"] == "interrupted", said
    assert found["phases"][1]["requests"] > 0
    assert {path.stat().st_uid for path in one.run().rglob("*")} == {CALLER}
