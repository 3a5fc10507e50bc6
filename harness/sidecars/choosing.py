"""Whether a run is measured here or by sidecars elsewhere, as the options say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from harness.sidecars.addresses import Access, SidecarAddress, access_for, parse_addresses
from harness.sidecars.at_once import at_once
from harness.sidecars.remote import RemoteSidecars
from harness.sidecars.watching import Begin
from harness.target import TargetChoice
from memory_sidecar.errors import SidecarError
from memory_sidecar.remote_client import RemoteClient
from rundir import RunClock
from scenarios.errors import UsageError
from scenarios.model import Scenario

LOCAL = {
    "target_pid": "PID",
    "target_port": "PORT",
    "target_name": "NAME",
    "target_command": "TARGET",
    "run_under": "UNDER",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """The sidecars of a run whose targets are on other hosts."""

    addresses: tuple[SidecarAddress, ...]
    access: Access

    def choice(self, scenario: Scenario, host: str | None) -> TargetChoice:
        """Where the load goes; no target is looked for here."""
        base_url = (host or scenario.target.base_url).rstrip("/")
        if not base_url:
            raise UsageError("say where the load goes: HOST=https://... (or the scenario's target)")
        return TargetChoice(base_url, remote=True)

    def check(self) -> tuple[str, ...]:
        """Ask each whether it is there; what to warn of. Raises UsageError."""
        tls = self.access.tls()

        def refusal(one: SidecarAddress) -> SidecarError | None:
            try:
                client = RemoteClient(one.url, self.access.token, tls)
                client.measure_offset(RunClock.start(), round_trips=1)
            except SidecarError as error:
                return error
            return None

        for error in filter(None, at_once(refusal, self.addresses)):
            raise UsageError(str(error))
        return tuple(
            f"warning: the token travels unencrypted to {one.url}; give the sidecar --tls-cert"
            for one in self.addresses
            if one.is_open
        )

    def begin(self, clock: RunClock, interval_seconds: float) -> Begin:
        """What starts the measuring of one run."""
        return partial(RemoteSidecars, self.addresses, self.access, clock, interval_seconds)


def remote_of(options: Any) -> Remote | None:
    """None where the run is measured here. Raises UsageError for both at once."""
    if not options.sidecar_url:
        return None
    given = [word for name, word in LOCAL.items() if getattr(options, name)]
    if given:
        raise UsageError(
            f"SIDECAR_URL and {' and '.join(given)} are given together: the sidecar over there"
            " knows its target; leave out one of them"
        )
    return Remote(parse_addresses(options.sidecar_url), access_for(options))
