"""The sidecars of one run, as its run.json names them: the rest is pulled from all at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from harness.pulling.bringing_in import bring_in, forget_pulled
from harness.pulling.from_folder import folder_of, take_over
from harness.pulling.hosts import hosts_bytes
from harness.pulling.puller import PATIENCE_SECONDS, Puller
from harness.sidecars.addresses import Access, SidecarAddress
from memory_sidecar.errors import SidecarError, SidecarUnreachable
from memory_sidecar.remote_client import RemoteClient, RunUnknown
from rundir import EventLog, RunDirectory
from scenarios.errors import UsageError

SHORT_PATIENCE = 5.0
"""Where its files can be read without it."""

COMMAND = "python -m harness.pulling"


@dataclass(frozen=True, slots=True)
class Remainder:
    """A sidecar of which not everything could be read, and why."""

    name: str
    reason: str


def addresses_of(record: dict[str, Any]) -> tuple[SidecarAddress, ...]:
    """From run.json. Raises UsageError for a run that no remote sidecar has measured."""
    found = record.get("targets")
    if not isinstance(found, list) or not found:
        raise UsageError("no remote sidecar has measured this run: there is nothing to pull")
    return tuple(SidecarAddress(str(one["name"]), str(one["url"])) for one in found)


def pull_all(
    directory: RunDirectory,
    record: dict[str, Any],
    access: Access,
    *,
    say: Callable[[str], None],
    end_run: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> tuple[Remainder, ...]:
    """Pull what is missing and bring it in; what could not be read. Raises UsageError."""
    sidecars, tls = addresses_of(record), access.tls()
    name, ended = directory.path.name, bool(record.get("ended")) or end_run
    reason = str(record.get("end_reason") or "generator_lost")

    def pull(sidecar: SidecarAddress) -> Remainder | None:
        client = RemoteClient(sidecar.url, access.token, tls)
        client.work_on(name)
        into = directory.pulled(sidecar.name)
        puller, folder = Puller(client, into), folder_of(os.environ, sidecar.name)
        patience = patience_seconds if folder is None else min(patience_seconds, SHORT_PATIENCE)
        try:
            _end(client, sidecar, reason, ended=ended)
            puller.finish(patience)
        except SidecarError as error:
            if folder is None or not take_over(folder, name, into):
                return Remainder(sidecar.name, str(error))
            say(f"{sidecar.name}: the sidecar does not answer; its samples are read in {folder}")
        if puller.complaint:
            say(f"warning: {sidecar.name}: {puller.complaint}")
        return None

    with ThreadPoolExecutor(len(sidecars)) as threads:
        left = tuple(filter(None, threads.map(pull, sidecars)))
    names = [sidecar.name for sidecar in sidecars]
    try:
        bring_in(directory, names, hosts_bytes(record["targets"]))
        _tell_left(directory, left)
    except OSError as error:
        raise UsageError(f"{directory.path}: cannot be written to ({error.strerror})") from None
    if not left:
        forget_pulled(directory, names)
    return left


def _end(client: RemoteClient, sidecar: SidecarAddress, reason: str, *, ended: bool) -> None:
    """A sidecar that was cut off at the end does not know of it."""
    try:
        if ended:
            client.stop(reason)
        elif client.goes_on():
            raise UsageError(
                f"the run still goes on at {sidecar.name}; if its load generator is gone, add"
                " --end-run"
            )
    except (RunUnknown, SidecarUnreachable):
        # It has ended there; or nobody answers, for which the pulling has patience.
        return


def _tell_left(directory: RunDirectory, left: Sequence[Remainder]) -> None:
    if not left:
        return
    log = EventLog(directory.events)
    for one in left:
        command = f"{COMMAND} {directory.path}"
        log.append("pull_incomplete", target=one.name, reason=one.reason, command=command)
    log.close()
