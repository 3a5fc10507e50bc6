"""Columns of the two sample tables, with the unit of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, its unit, and what an empty cell means."""

    name: str
    unit: str
    meaning: str


MEMORY_COLUMNS: tuple[Column, ...] = (
    Column("time", "s, UTC epoch", "when the tick was read"),
    Column("elapsed", "s, monotonic", "since the sidecar's first tick of this run"),
    Column("phase", "name", "phase as announced; 'unphased' before the first announcement"),
    Column("users", "users", "simulated users as announced"),
    Column("processes", "count", "live processes of the target's tree"),
    Column("rss", "bytes", "sum of resident sizes; empty: the target could not be read"),
    Column("pss", "bytes", "sum of proportional sizes, measured or carried (see pss_age)"),
    Column("pss_age", "s", "age of the PSS measurement behind `pss`; 0: measured at this tick"),
    Column("uss", "bytes", "sum of unique sizes, as of the same measurement as `pss`"),
    Column("swap", "bytes", "the target's swapped-out memory, as of the PSS measurement"),
    Column("cgroup_usage", "bytes", "what the kernel holds against the limit; empty: no own group"),
    Column("working_set", "bytes", "cgroup usage less inactive file pages"),
    Column("limit", "bytes", "the limit that alerts refer to"),
    Column("threads", "count", "threads of the tree, on the slow cadence"),
    Column("fds", "count", "open descriptors of the tree, on the slow cadence"),
    Column("connections", "count", "established TCP connections of the tree, on the slow cadence"),
    Column("system_available", "bytes", "memory available on the host"),
    Column("system_swap_used", "bytes", "swap in use on the host"),
    Column("late", "s", "how far after its deadline the tick was read"),
    Column("peak", "bytes", "upper end of the deciding figure since the sample before; exact"),
    Column("cgroup_peak", "bytes", "highest cgroup usage since the sample before (or since start)"),
    Column("cgroup_anon", "bytes", "anonymous memory in the group"),
    Column("cgroup_file", "bytes", "page cache in the group, tmpfs included"),
    Column("cgroup_shmem", "bytes", "tmpfs and shared memory in the group"),
    Column("cgroup_kernel", "bytes", "kernel memory in the group"),
    Column("cgroup_swap", "bytes", "swap of the group"),
    Column("pressure_some", "s", "time in which some task of the group waited for memory, so far"),
    Column("pressure_full", "s", "time in which all tasks of the group waited for memory, so far"),
    Column("refaults", "pages", "evicted pages that were needed again, so far"),
    Column("major_faults", "count", "faults that had to read from a disk, so far"),
    Column("pss_file", "bytes", "of `pss`, pages of files, as of the measurement; empty: unknown"),
)

PROCESS_COLUMNS: tuple[Column, ...] = (
    Column("time", "s, UTC epoch", "when the process was read"),
    Column("elapsed", "s, monotonic", "since the sidecar's first tick of this run"),
    Column("phase", "name", "phase as announced"),
    Column("pid", "number", "process id"),
    Column("create_time", "s, UTC epoch", "start of the process; with the pid its identity"),
    Column("role", "name", "root, worker or child"),
    Column("name", "text", "command name, for people"),
    Column("rss", "bytes", "resident size"),
    Column("pss", "bytes", "proportional size; empty: not measured or not readable"),
    Column("uss", "bytes", "unique size; empty: not measured or not readable"),
    Column("peak", "bytes", "high-water mark of the resident size since the row before (VmHWM)"),
    Column("threads", "count", "threads"),
    Column("fds", "count", "open descriptors"),
    Column("rss_file", "bytes", "of `rss`, pages of files; empty: unknown"),
)

GC_COLUMNS = (
    Column("gc_minor", "count", "collections of the young, so far"),
    Column("gc_major", "count", "collections of everything (Python: oldest generation), so far"),
    Column("gc_seconds", "s", "time in the collector's pauses since it was first asked"),
    Column("gc_longest", "s", "longest pause since the reading before"),
)
INSIDE_PROCESSES = Column("inside_processes", "count", "processes that told the figures beside it")

PYTHON_COLUMNS: tuple[Column, ...] = (
    INSIDE_PROCESSES,
    Column("malloc_used", "bytes", "what malloc has handed out (not Python's own small objects)"),
    Column("malloc_free", "bytes", "what malloc holds free"),
    Column("python_blocks", "count", "small blocks in use in Python's own allocator"),
    *GC_COLUMNS,
)
"""What a Python process says of itself, sums over those that answer; filled about once a second."""

NODE_COLUMNS: tuple[Column, ...] = (
    INSIDE_PROCESSES,
    Column("heap_used", "bytes", "V8's heap in use"),
    Column("heap_total", "bytes", "V8's heap as taken from the system"),
    Column("heap_external", "bytes", "memory outside of the heap that its objects hold"),
    Column("heap_array_buffers", "bytes", "the part of that in ArrayBuffers and Buffers"),
    *GC_COLUMNS,
    Column("gc_incremental", "count", "incremental marking steps, so far"),
    Column("gc_weak", "count", "runs of weak callbacks, so far"),
    Column("loop_delay", "s", "longest delay of the event loop since the reading before"),
)
"""The same of a Node process."""

INSIDE_COLUMNS: tuple[Column, ...] = tuple(
    {column.name: column for column in (*PYTHON_COLUMNS, *NODE_COLUMNS)}.values()
)
"""All that any source inside a process may add to the memory samples."""
