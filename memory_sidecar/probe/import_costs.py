"""What each import costs in resident memory, measured around the loaders of this process.

A finder in front of the others asks them, and wraps what they find: before and after a module is
made and executed the resident size is read. Own is cumulative less what was imported inside.
One file per process, one JSON object a line. CPython's import times (PYTHONPROFILEIMPORTTIME) go to
stderr, where those of several processes could not be told apart: each gets a file of its own.
The program's imports come first: at the first trouble nothing is measured any more.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

from memory_sidecar.probe.import_lines import ImportLines, json_text, redirect_times

# Imported before anything of the program: what this file imports is in nobody's row. json, pathlib
# and threading would be missing there.
STEPS = ("create_module", "exec_module")
TIMES_VARIABLE = "PYTHONPROFILEIMPORTTIME"
TROUBLE = (OSError, ValueError, IndexError)


def measure_imports(folder: str) -> None:
    """From now on, in this process and in those that it forks. Raises OSError without /proc."""
    # Taken away for those that the program starts: it may read what they write to stderr.
    timed = os.environ.pop(TIMES_VARIABLE, None) is not None
    sys.meta_path.insert(0, Measuring(folder, timed=timed))


class Measuring:
    """The finder in front; it finds nothing by itself."""

    def __init__(self, folder: str, *, timed: bool) -> None:
        self._folder, self._timed = folder, timed
        self._files: ImportLines | None = None
        self._stacks: dict[int, list[_Import]] = {}
        self._begin(forked=False)
        os.register_at_fork(after_in_child=self._begin_forked)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """What the others find, with a loader that is measured."""
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                self._wrap(spec.loader)
                return spec
        return None

    def _wrap(self, loader: Any) -> None:
        """On the loader itself, so that its type, which others look at, stays what it is."""
        # Built-in and frozen modules have a class as their loader, which all of them share.
        own = None if isinstance(loader, type) else getattr(loader, "__dict__", None)
        if self._files is None or own is None or any(step in own for step in STEPS):
            return
        for step in STEPS:
            real = getattr(loader, step, None)
            if real is not None:
                own[step] = self._around(real, own if step == STEPS[-1] else {})

    def _around(self, real: Callable[..., Any], wrapped: dict[str, Any]) -> Callable[..., Any]:
        """`wrapped`: attributes of the loader that is not needed again after this step."""

        def measured(*args: Any, **named: Any) -> Any:
            # Loaders are compared and pickled by what they hold.
            for step in STEPS:
                wrapped.pop(step, None)
            one = self._before(*args, *named.values())
            try:
                return real(*args, **named)
            finally:
                self._after(one)

        return measured

    def _before(self, subject: Any = None, *_: Any) -> _Import | None:
        """None where nothing is measured any more."""
        files = self._files
        if files is None:
            return None
        try:
            spec = getattr(subject, "__spec__", None) or subject
            one = _Import(str(getattr(spec, "name", "?")), files.resident_bytes())
        except TROUBLE:
            self._files = None
            return None
        self._stacks.setdefault(get_ident(), []).append(one)
        return one

    def _after(self, one: _Import | None) -> None:
        files = self._files
        if files is None or one is None:
            return
        try:
            stack = self._stacks.setdefault(get_ident(), [])
            # Greenlets of one thread may end in another order than they began.
            stack.remove(one)
            self._tell(files, one, stack[-1] if stack else None)
        except TROUBLE:
            self._files = None

    def _tell(self, files: ImportLines, one: _Import, outer: _Import | None) -> None:
        cumulative = files.resident_bytes() - one.before_bytes
        if outer is not None:
            outer.nested_bytes += cumulative
        by = "null" if outer is None else json_text(outer.name)
        files.write(
            f'{{"module": {json_text(one.name)}, "own_bytes": {cumulative - one.nested_bytes},'
            f' "cumulative_bytes": {cumulative}, "imported_by": {by}}}'
        )

    def _begin_forked(self) -> None:
        try:
            self._begin(forked=True)
        except TROUBLE:
            self._files = None

    def _begin(self, *, forked: bool) -> None:
        # Of this very process: opened before a fork they would tell of the parent.
        files = self._files = ImportLines(self._folder)
        if self._timed:
            redirect_times(self._folder)
        words = ", ".join(map(json_text, getattr(sys, "orig_argv", sys.argv)))
        files.write(
            f'{{"pid": {os.getpid()}, "parent_pid": {os.getppid()}, "command": [{words}],'
            f' "forked": {"true" if forked else "false"},'
            f' "rss_bytes": {files.resident_bytes()}}}'
        )


class _Import:
    """One module being made or executed; bytes."""

    __slots__ = ("before_bytes", "name", "nested_bytes")

    def __init__(self, name: str, before_bytes: int) -> None:
        self.name = name
        self.before_bytes = before_bytes
        self.nested_bytes = 0
