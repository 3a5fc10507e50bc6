"""Copies one run's files from one sidecar, each from where the copy ends."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from memory_sidecar.errors import SidecarUnreachable
from memory_sidecar.remote_client import ChunkDamaged, RemoteClient, RemoteFile
from rundir import RunDirectory

PATIENCE_SECONDS = 60.0
"""Without an answer, before the rest is left for later."""

ENDING_SECONDS = 300.0
"""For the processes to say what they hold: a large heap takes its time."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


class FileDiffers(SidecarUnreachable):
    """The whole has another sha256 than the sidecar says, twice."""


class Puller:
    """`into` holds the files as they are over there. What is in it already is not asked again."""

    def __init__(self, client: RemoteClient, into: RunDirectory) -> None:
        self._client = client
        self._into = into
        self.complaint: str | None = None

    def step(self) -> list[RemoteFile]:
        """Fetch what there is by now; the files as listed before. Raises SidecarUnreachable."""
        self._into.path.mkdir(parents=True, exist_ok=True)
        files, complaint = self._client.files()
        self.complaint = complaint or self.complaint
        for file in files:
            path = self._into.sidecar_file(file.name)
            if path is not None:
                self._fetch(file, path)
        return files

    def finish(
        self,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Fetch the rest once the run has ended there, and check each whole.

        Goes on where a connection broke. Raises SidecarUnreachable when nothing more came within
        the patience.
        """
        began, last, pause = time.monotonic(), time.monotonic(), FIRST_PAUSE_SECONDS
        while True:
            had = self._bytes()
            try:
                files = self.step()
                if all(file.sha256 is not None for file in files):
                    self._check(files)
                    return
                last, pause = time.monotonic(), FIRST_PAUSE_SECONDS
                if last - began > ENDING_SECONDS:
                    raise SidecarUnreachable("the run does not end on the sidecar")
            except FileDiffers:
                raise
            except SidecarUnreachable:
                if self._bytes() > had:
                    last, pause = time.monotonic(), FIRST_PAUSE_SECONDS
                if time.monotonic() - last >= patience_seconds:
                    raise
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _bytes(self) -> int:
        return sum(path.stat().st_size for path in self._into.sidecar_files)

    def _fetch(self, file: RemoteFile, path: Path) -> None:
        with path.open("ab") as stream:
            while stream.tell() < file.size:
                content = self._client.chunk(file.name, stream.tell())
                if not content:
                    raise ChunkDamaged(f"{file.name} ends at {stream.tell()} of {file.size} bytes")
                stream.write(content)
                stream.flush()

    def _check(self, files: list[RemoteFile]) -> None:
        """A copy that differs is fetched anew, once."""
        for file in files:
            path = self._into.sidecar_file(file.name)
            if path is None or _digest(path) == file.sha256:
                continue
            path.unlink()
            self._fetch(file, path)
            if _digest(path) != file.sha256:
                raise FileDiffers(f"{file.name} arrives with another checksum than it left with")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
