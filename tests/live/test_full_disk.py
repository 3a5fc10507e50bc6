"""A disk that fills in mid-run: a real one, of 64 KiB."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.suite import only_run, run

pytestmark = pytest.mark.live


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a file system of its own cannot be mounted here: {done.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_what_finds_no_room_is_kept_elsewhere_and_can_be_appended(
    small_disk: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    # 100 rows a second of about 130 bytes: more than the disk holds, whatever else is written.
    phases = ("--baseline", "1", "--load", "6", "--cooldown", "1", "--users", "4")
    done = run(*phases, "--sample-interval", "0.01", runs=small_disk, TMPDIR=str(elsewhere))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr
    kept = re.search(r"cat (\S+) >> (\S+)", done.stderr)
    assert kept, done.stderr
    whole = Path(kept[2]).read_text() + Path(kept[1]).read_text()
    ticks = [float(line.split(",")[1]) for line in whole.splitlines()[1:]]
    assert len(ticks) > 100
    assert ticks == sorted(set(ticks))
    assert all(line.count(",") == whole.splitlines()[0].count(",") for line in whole.splitlines())
    assert (only_run(small_disk) / "run.json").stat().st_size > 0
