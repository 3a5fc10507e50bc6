"""The folder of the cases: each page, its record beside it, and the index."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reports.cases.definition import definition
from reports.cases.record import CaseRecord
from reports.errors import UsageError
from reports.render.case import render_case, render_cases_index
from rundir.layout import write_whole
from scenarios.cases.loading import case_names

INDEX = "README.md"
OURS = "<!-- Written from real runs"
"""How the index begins."""


@dataclass(frozen=True, slots=True)
class CasePages:
    """A folder with `<case>.md`, `<case>.json` and the index."""

    folder: Path

    def page(self, name: str) -> Path:
        """The page of a case."""
        return self.folder / f"{name}.md"

    def record(self, name: str) -> Path:
        """The figures of a case."""
        return self.folder / f"{name}.json"

    def names(self) -> list[str]:
        """The cases that were run; other files of the folder are nobody's business."""
        return [name for name in case_names() if self.record(name).is_file()]

    @property
    def index(self) -> Path:
        """Of all pages."""
        return self.folder / INDEX


def write_record(pages: CasePages, record: CaseRecord) -> None:
    """Keep the figures, and write all pages. Raises UsageError where that is not possible."""
    _refuse_foreign_index(pages.index)
    try:
        pages.folder.mkdir(parents=True, exist_ok=True)
        write_whole(pages.record(record.case), record_text(record))
    except OSError as error:
        raise UsageError(
            f"{pages.folder}: cannot be written ({error.strerror}); give another with --output"
        ) from None
    write_pages(pages)


def _refuse_foreign_index(path: Path) -> None:
    """The index takes the place of an older one, and of nothing else."""
    try:
        foreign = not path.read_text(encoding="utf-8", errors="replace").startswith(OURS)
    except OSError:
        return
    if foreign:
        raise UsageError(f"{path}: was not written by a case and is kept; give another --output")


def write_pages(pages: CasePages) -> None:
    """All pages and the index anew from the records. Raises UsageError."""
    _refuse_foreign_index(pages.index)
    for name, text in rendered(pages).items():
        try:
            write_whole(pages.folder / name, text)
        except OSError as error:
            raise UsageError(f"{pages.folder}: cannot be written ({error.strerror})") from None


def rendered(pages: CasePages) -> dict[str, str]:
    """What each Markdown file of the folder has to be. Raises UsageError."""
    records = [read_record(pages.record(name)) for name in pages.names()]
    told = [(definition(record.case), record) for record in records]
    texts = {pages.page(record.case).name: render_case(case, record) for case, record in told}
    return {**texts, INDEX: render_cases_index(told)}


def record_text(record: CaseRecord) -> str:
    """The content of a record's file: bytes, milliseconds, shares, requests per second."""
    return json.dumps(asdict(record), indent=1, allow_nan=False) + "\n"


def read_record(path: Path) -> CaseRecord:
    """Raises UsageError that names the file and what is wrong."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(CaseRecord).validate_python(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}; run the case again") from None
    except ValueError:
        raise UsageError(f"{path}: not JSON; run the case again") from None
