"""What imports cost, as frozen records; bytes and milliseconds, None is unknown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModuleCost:
    """One module; own is cumulative less what it imported. `imported_by` None: the program."""

    module: str
    own_bytes: int
    cumulative_bytes: int
    own_ms: float | None
    cumulative_ms: float | None
    imported_by: str | None


@dataclass(frozen=True, slots=True)
class PackageCost:
    """All modules of one top-level package: what they have of their own."""

    package: str
    modules: int
    own_bytes: int
    own_ms: float | None


@dataclass(frozen=True, slots=True)
class ProcessImports:
    """One process. `start_bytes`: resident before its first import was measured (forked: what it
    had of its parent); `idle_bytes`: once the service answered, None: it had ended by then.
    """

    pid: int
    parent_pid: int
    command: str
    forked: bool
    start_bytes: int
    idle_bytes: int | None
    modules: tuple[ModuleCost, ...]
    packages: tuple[PackageCost, ...]

    @property
    def imported_bytes(self) -> int:
        """Of all imports together."""
        return sum(one.own_bytes for one in self.modules)

    @property
    def explained_bytes(self) -> int:
        """The start and the imports."""
        return self.start_bytes + self.imported_bytes
