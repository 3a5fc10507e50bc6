"""Parsing /proc from literal text, and following a tree of fixture folders."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from memory_sidecar.reading import HostMemory, Identity, Sizes
from memory_sidecar.sources.high_water import parse_mark
from memory_sidecar.sources.procfs import (
    Procfs,
    parse_meminfo,
    parse_name_and_threads,
    parse_newest_pid,
    parse_rollup,
    parse_rss_file,
    parse_stat,
    parse_statm_rss,
)
from memory_sidecar.sources.sockets import established_inodes
from memory_sidecar.tree import TreeWatch

ROLLUP = """5581e5b6c000-7fff0b5d3000 ---p 00000000 00:00 0                          [rollup]
Rss:                9000 kB
Pss:                5000 kB
Pss_Anon:           4000 kB
Pss_File:            900 kB
Private_Clean:       100 kB
Private_Dirty:      3900 kB
Swap:                 12 kB
SwapPss:               8 kB
"""


def make_process(
    proc: Path, pid: int, *, parent: int = 1, pages: int = 100, start: int = 500, state: str = "S"
) -> None:
    folder = proc / str(pid)
    task = folder / "task" / str(pid)
    task.mkdir(parents=True, exist_ok=True)
    (folder / "stat").write_text(f"{pid} (a) b) {state} {parent} " + "0 " * 17 + f"{start} 0 0\n")
    (folder / "statm").write_text(f"200 {pages} 10 1 0 50 0\n")
    (folder / "smaps_rollup").write_text(ROLLUP)
    (folder / "status").write_text("Name:\tdemo\nVmHWM:\t  9999 kB\nThreads:\t3\n")
    (task / "children").write_text("")


def make_proc(path: Path) -> Path:
    (path / "stat").write_text("cpu 1\nbtime 1000\n")
    make_process(path, 10)
    make_process(path, 11, parent=10)
    make_process(path, 12, parent=11)
    (path / "10/task/10/children").write_text("11 ")
    (path / "11/task/11/children").write_text("12 ")
    return path


def test_a_name_with_brackets_does_not_shift_the_fields() -> None:
    stat = parse_stat("7 (x) (y) R 3 " + "0 " * 17 + "42 0")
    assert (stat.state, stat.parent, stat.start_ticks) == ("R", 3, 42)


def test_statm_rollup_and_status_are_bytes() -> None:
    assert parse_statm_rss(b"200 100 10 1 0 50 0", 4096) == 409_600
    sizes = Sizes(9000 * 1024, 5000 * 1024, 4000 * 1024, 8 * 1024, 900 * 1024)
    assert parse_rollup(ROLLUP.encode()) == sizes
    older = ROLLUP.replace("Pss_File:            900 kB\n", "")
    assert parse_rollup(older.encode()) == replace(sizes, pss_file=None)
    assert parse_name_and_threads(b"Name:\ta\nVmHWM:\t 7 kB\nThreads:\t3\n") == ("a", 3)
    assert parse_name_and_threads(b"Name:\tzombie\n") == ("zombie", None)
    assert parse_mark(b"VmPeak:\t 9 kB\nVmHWM:\t       7 kB\nVmRSS:\t 5 kB\n") == 7168
    assert parse_rss_file(b"Name:\ta\nRssAnon:\t 9 kB\nRssFile:\t 7 kB\n") == 7168
    assert parse_rss_file(b"Name:\tzombie\n") is None
    assert parse_newest_pid(b"0.10 0.20 0.30 1/234 5678\n") == 5678
    assert parse_mark(b"Name:\tzombie\n") is None
    meminfo = b"MemTotal: 9 kB\nMemAvailable: 5 kB\nSwapTotal: 3 kB\nSwapFree: 1 kB\n"
    assert parse_meminfo(meminfo) == HostMemory(5 * 1024, 2 * 1024)


def test_the_tree_holds_grandchildren(tmp_path: Path) -> None:
    source = Procfs(make_proc(tmp_path))
    assert [process.pid for process in source.tree(10)] == [10, 11, 12]


def test_a_zombie_is_gone_and_not_small(tmp_path: Path) -> None:
    make_process(make_proc(tmp_path), 12, pages=0, state="Z")
    source = Procfs(tmp_path)
    assert [process.pid for process in source.tree(10)] == [10, 11]
    assert source.rss(Identity(12, 0.0)) is None


def test_orphans_stay_in_view_when_the_root_dies(tmp_path: Path) -> None:
    watch = TreeWatch(Procfs(make_proc(tmp_path)), 10)
    watch.look()
    make_process(tmp_path, 10, state="Z")
    change = watch.look()
    assert [process.pid for process in change.exited] == [10]
    assert [process.pid for process in watch.members] == [11, 12]
    assert not watch.root_lives


def test_a_reused_pid_is_a_stranger(tmp_path: Path) -> None:
    watch = TreeWatch(Procfs(make_proc(tmp_path)), 10)
    watch.look()
    for pid in (10, 11, 12):
        make_process(tmp_path, pid, start=900)
    watch.look()
    assert watch.members == ()


@pytest.mark.live
def test_established_connections_are_those_that_are_open_now() -> None:
    source = Procfs()
    me = source.identity(os.getpid())
    assert me is not None
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        before = established_inodes()
        with socket.create_connection(server.getsockname()), server.accept()[0]:
            details, after = source.details(me), established_inodes()
    assert before is not None and after is not None
    assert len(after - before) >= 2
    assert details is not None and details.connections is not None
    assert details.connections >= 2
