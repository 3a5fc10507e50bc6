"""The run directory: the one place that knows file names, columns, units and schema version.

It imports nothing of ours, and never locust. Writers (sidecar, harness) and the reader (reports)
meet in these files only.
"""

from rundir.case_run import CaseRun, read_case_run, write_case_run
from rundir.clock import RunClock
from rundir.columns import (
    INSIDE_COLUMNS,
    MEMORY_COLUMNS,
    NODE_COLUMNS,
    PROCESS_COLUMNS,
    PYTHON_COLUMNS,
    Column,
)
from rundir.events import Event, EventLog, read_events
from rundir.import_files import ImportFiles
from rundir.layout import (
    RUN_NAME,
    SCHEMA_VERSION,
    RunDirectory,
    create_run_directory,
    remove_unused,
)
from rundir.records import MemorySample, ProcessSample
from rundir.table import TableWriter, columns_of

__all__ = [
    "INSIDE_COLUMNS",
    "MEMORY_COLUMNS",
    "NODE_COLUMNS",
    "PROCESS_COLUMNS",
    "PYTHON_COLUMNS",
    "RUN_NAME",
    "SCHEMA_VERSION",
    "CaseRun",
    "Column",
    "Event",
    "EventLog",
    "ImportFiles",
    "MemorySample",
    "ProcessSample",
    "RunClock",
    "RunDirectory",
    "TableWriter",
    "columns_of",
    "create_run_directory",
    "read_case_run",
    "read_events",
    "remove_unused",
    "write_case_run",
]
