"""Who allocated what is still held: tracemalloc, grouped by component and by package.

Tracing makes allocation-bound code 10 to 90 times slower, so it has a run of its own and is never
on while anything is measured. What native code takes from malloc by itself is not seen.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FRAMES = 8
"""Calls that are kept with each allocation: enough to get from pandas back to who called it."""

TOP = 40
LINES = 20


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes and blocks that are held by what a component, a package or a line allocated."""

    name: str
    size_bytes: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Traced:
    """By component (of the map that was given; `other` for the rest), by package, by line.

    `traced_bytes`: all that was seen; `own_bytes`: what tracemalloc itself takes.
    """

    components: tuple[Held, ...]
    packages: tuple[Held, ...]
    lines: tuple[Held, ...]
    traced_bytes: int
    own_bytes: int


def start_tracing(frames: int = FRAMES) -> None:
    """From now on; what was allocated before stays unseen."""
    if not tracemalloc.is_tracing():
        tracemalloc.start(frames)


def stop_tracing() -> None:
    """Forget everything."""
    tracemalloc.stop()


def traced(components: Mapping[str, Sequence[str]]) -> Traced | None:
    """None where nothing is traced. `components`: {name: prefixes of modules, such as app.data}.

    An allocation belongs to the component of the innermost frame that any component names, and to
    the package of the innermost frame.
    """
    if not tracemalloc.is_tracing():
        return None
    total, own = tracemalloc.get_traced_memory()[0], tracemalloc.get_tracemalloc_memory()
    names = _Names(components)
    sums: dict[str, Counter[str]] = {kind: Counter() for kind in ("part", "package", "line")}
    blocks: dict[str, Counter[str]] = {kind: Counter() for kind in sums}
    for stat in tracemalloc.take_snapshot().statistics("traceback"):
        files = [(frame.filename, frame.lineno) for frame in reversed(stat.traceback)]
        if not files or files[0][0] == tracemalloc.__file__:
            continue
        for kind, name in names.of(files).items():
            sums[kind][name] += stat.size
            blocks[kind][name] += stat.count

    def held(kind: str, top: int) -> tuple[Held, ...]:
        largest = sums[kind].most_common(top)
        return tuple(Held(name, size, blocks[kind][name]) for name, size in largest)

    return Traced(held("part", TOP), held("package", TOP), held("line", LINES), total, own)


class _Names:
    """Files of frames -> component, package, line; each file is looked up once."""

    def __init__(self, components: Mapping[str, Sequence[str]]) -> None:
        self._prefixes = [
            (prefix, name) for name, prefixes in components.items() for prefix in prefixes
        ]
        # The longest prefix is the most exact one.
        self._prefixes.sort(key=lambda pair: -len(pair[0]))
        self._modules = _modules_by_file()
        self._known: dict[str, tuple[str, str | None]] = {}

    def of(self, files: Sequence[tuple[str, int]]) -> dict[str, str]:
        innermost = files[0]
        module, _ = self._look_up(innermost[0])
        named = (self._look_up(file)[1] for file, _ in files)
        component = next((name for name in named if name is not None), "other")
        return {
            "part": component,
            "package": module.split(".")[0],
            "line": f"{module}:{innermost[1]}",
        }

    def _look_up(self, file: str) -> tuple[str, str | None]:
        if file not in self._known:
            module = self._modules.get(file) or _guessed(file)
            self._known[file] = (module, self._component(module))
        return self._known[file]

    def _component(self, module: str) -> str | None:
        for prefix, name in self._prefixes:
            if module == prefix or module.startswith(prefix + "."):
                return name
        return None


def _modules_by_file() -> dict[str, str]:
    """{source file: module}; a copy first, because other threads import meanwhile."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            found[file] = name
    return found


def _guessed(file: str) -> str:
    """For code whose module is gone: the path below the folder that it was imported from."""
    for folder in sorted((path for path in sys.path if path), key=len, reverse=True):
        if file.startswith(folder.rstrip("/") + "/"):
            inner = file[len(folder.rstrip("/")) + 1 :]
            return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return file
