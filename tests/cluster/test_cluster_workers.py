# SPDX-License-Identifier: GPL-2.0-or-later
"""The same campaign with more workers, with one that dies and with a coordinator that is killed: nothing changes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from campaigns import FLAVOURS, WRONG, Counting, asked, corpus, ran

from reviewer.cluster import pool
from reviewer.errors import ReviewError, ToolError
from reviewer.resources import folder

WHAT = asked(WRONG, seeds=(1, 2, 3))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of it in this process."""
    return ran(tmp_path_factory.mktemp("alone") / "alone.db", WHAT)


@pytest.fixture(scope="module")
def workers() -> Iterator[pool.Dask]:
    with pool.local(2) as two:
        yield two


def test_two_workers_say_what_none_says(workers: pool.Dask, alone: dict[str, Any], tmp_path: Path) -> None:
    assert workers.width == 2
    assert ran(tmp_path / "two.db", WHAT, workers) == alone


def test_a_worker_that_dies_loses_nothing(workers: pool.Dask, alone: dict[str, Any], tmp_path: Path) -> None:
    """It is killed while it works; its unit is run by another."""
    client = workers._client
    died: list[int] = []

    def kill(pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        died.append(pid)

    class Killing(Counting):
        def first(self, number: int) -> None:
            if number == 2:
                threading.Timer(0.2, kill, [next(iter(client.run(os.getpid).values()))]).start()

    counted = Killing(workers)
    assert ran(tmp_path / "killed.db", WHAT, counted) == alone
    assert died and died[0] not in client.run(os.getpid).values()
    with sqlite3.connect(tmp_path / "killed.db") as db:
        assert db.execute("SELECT count(*) FROM unit WHERE why != ''").fetchone() == (0,)


def test_a_coordinator_that_is_killed_goes_on_where_it_was(alone: dict[str, Any], tmp_path: Path) -> None:
    """Only what was under way is run once more, and its workers do not outlive it."""
    path = tmp_path / "ended.db"
    command = [
        sys.executable, "-m", "reviewer", "campaign", *corpus(WRONG), "--tree", str(folder("corpus") / "tree"),
        "--db", str(path), "--workers", "1", "--budget", "0.05", "--seeds", "3", "--flavour", *FLAVOURS, "--quiet",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True) as killed:
        while killed.poll() is None and _units(path) < 1:
            time.sleep(0.05)
        killed.kill()
        assert killed.wait() == -signal.SIGKILL, killed.stderr and killed.stderr.read()
    known, rest = _units(path), Counting()
    assert ran(path, WHAT, rest) == alone
    assert known and len(rest.units) == _units(path) - known > 0
    assert _gone(killed.pid)


def _units(path: Path) -> int:
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM unit").fetchone()[0])
    except sqlite3.Error:
        return 0


def _gone(session: int) -> bool:
    """Whether no process of a session is left, soon."""
    for _ in range(100):
        if str(session) not in _sessions():
            return True
        time.sleep(0.1)
    return False


def _sessions() -> set[str]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found.add(fields[3])
    return found


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ToolError, match=r"review-patch\[cluster\]"), pool.local(1):
        pass


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 0.5)
    with pytest.raises(ReviewError, match="no scheduler answers"), pool.remote("tcp://127.0.0.1:9"):
        pass
