"""What a background job costs: one line in the log after each run.

    @log_job_memory("nightly-report")
    def nightly_report() -> None: ...

    with log_job_memory("import"): ...

    apscheduler_listener(scheduler)

Memory is the whole process's: what other threads take or give back meanwhile is in the figure.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast, overload

from memory_sidecar.probe.job_measuring import LOGGER, Started, write
from memory_sidecar.probe.scheduled import apscheduler_listener

__all__ = ["apscheduler_listener", "log_job_memory"]

P = ParamSpec("P")
T = TypeVar("T")


class JobMemory:
    """One job: a decorator of its function, or a context manager around its body."""

    def __init__(self, job_id: str | None, logger: logging.Logger) -> None:
        self._job_id = job_id
        self._logger = logger
        # A stack, for one object may be entered again inside itself.
        self._started: list[Started] = []

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """The function, plain or async, with a line in the log after each call."""
        job_id = self._job_id or function.__qualname__

        @functools.wraps(function)
        def plain(*args: P.args, **kwargs: P.kwargs) -> T:
            with JobMemory(job_id, self._logger):
                return function(*args, **kwargs)

        @functools.wraps(function)
        async def asynchronous(*args: P.args, **kwargs: P.kwargs) -> Any:
            with JobMemory(job_id, self._logger):
                return await cast(Any, function(*args, **kwargs))

        is_async = inspect.iscoroutinefunction(function)
        return cast("Callable[P, T]", asynchronous) if is_async else plain

    def __enter__(self) -> JobMemory:
        self._started.append(Started.now())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        job_id = self._job_id or "unnamed"
        write(self._logger, job_id, self._started.pop(), failed=kind is not None)


@overload
def log_job_memory(job: Callable[P, T], /) -> Callable[P, T]: ...
@overload
def log_job_memory(job: str | None = None, /, *, logger: logging.Logger = LOGGER) -> JobMemory: ...
def log_job_memory(
    job: Callable[P, T] | str | None = None, /, *, logger: logging.Logger = LOGGER
) -> Callable[P, T] | JobMemory:
    """Log the memory of each run: `@log_job_memory`, `@log_job_memory("id")`, `with ...("id"):`.

    The id is the function's qualified name where none is given. An exception of the job passes
    through; its line says `status=failed`.
    """
    if callable(job):
        return JobMemory(None, logger)(job)
    return JobMemory(job, logger)
