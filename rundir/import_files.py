"""File names in the folder of a start whose imports were measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rundir.layout import RunDirectory

TIMES_PREFIX = "import time:"


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """One measured start; the probe writes `costs` and `times_of`, a pair for each process."""

    path: Path

    @property
    def costs(self) -> list[Path]:
        """What each import cost, one file of each process that is there."""
        return sorted(self.path.glob("imports-*.jsonl"))

    def times_of(self, costs: Path) -> Path:
        """What the process of that file wrote on stderr: CPython's import times among it."""
        return self.path / costs.name.replace("imports-", "importtime-").replace(".jsonl", ".log")

    def words(self) -> list[str]:
        """Lines that the processes wrote, without import times: stderr has files of its own."""
        files = [RunDirectory(self.path).target_log, *map(self.times_of, self.costs)]
        texts = [file.read_text("utf-8", errors="replace") for file in files if file.is_file()]
        lines = [line.strip() for text in texts for line in text.splitlines()]
        return [line for line in lines if line and not line.startswith(TIMES_PREFIX)]

    @property
    def idle(self) -> Path:
        """Processes and their resident size once the target answered."""
        return self.path / "idle.json"

    @property
    def table(self) -> Path:
        """What was read of all that."""
        return self.path / "imports.json"
