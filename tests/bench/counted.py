# SPDX-License-Identifier: GPL-2.0-or-later
"""One review in a process of its own that says at its end what it took: counted.py REPORT ARGUMENT...

A script, not a module: PYTHONPATH says which checkout it reviews with, that of an older version as well. So it counts
by what Python tells of any program (audit events), and imports nothing before the review does.

A runner never ends by itself: it is killed, and the kernel forgets the time of what dies with its namespace. So its
clock is read when the signal is about to be sent. Compilers and git do end. But bubblewrap may go before it has waited
for what it started, so that this process takes in what is orphaned, too (PR_SET_CHILD_SUBREAPER). The few runners that
die of the code under test count as compilers.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_CHILD = "child.py"  # of oracle/sandbox: before the program and its arguments stands what the sandbox is told
_lock = threading.Lock()
_spent = {"runners": 0.0, "waited": 0.0, "hook": 0.0}  # seconds
_counts = {"compilations": 0, "links": 0, "runners": 0, "git": 0, "other": 0}


def kind_of(command: list[str]) -> str:
    """What a program that is started counts as."""
    at = [n for n, word in enumerate(command) if Path(word).name == _CHILD]
    if not at:
        return "git" if Path(command[0]).name == "git" else "other"
    program = command[at[-1] + 2 :]
    if len(program) == 1:
        return "runners"
    if not any(word.endswith(".c") for word in program):
        return "links" if any(word.endswith(".o") for word in program) else "other"
    return "compilations"


def _heard(event: str, told: tuple[object, ...]) -> None:
    """Python is about to start a program, or to send a signal."""
    if event == "subprocess.Popen":
        command = told[1]
        if isinstance(command, (list, tuple)) and command:
            with _lock:
                _counts[kind_of([os.fsdecode(word) for word in command])] += 1
    elif event in ("os.killpg", "os.kill") and told[1] == signal.SIGKILL:
        started, pid = time.thread_time(), int(told[0])  # type: ignore[call-overload]
        below = _below(pid)
        spent = sum(map(_clock, below or [pid]))
        with _lock:
            _spent["runners"] += spent
            _spent["waited"] += 0.0 if below else spent  # without bubblewrap it is a child, and waited for
            _spent["hook"] += time.thread_time() - started


def _below(pid: int) -> list[int]:
    """The processes that a process started, and theirs"""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    except OSError:
        return []
    return [*found, *(child for one in found for child in _below(one))]


def _clock(pid: int) -> float:
    """Processor time of a process: the clock id that clock_getcpuclockid(3) makes of its number. 0 when it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _peak() -> int:
    """The most memory that this process had, in KiB: ru_maxrss may be that of whoever started it."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(told["VmHWM"].split()[0])


def _time(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def _orphans() -> float:
    """Processor time of what was orphaned, but for what was killed: that was asked before."""
    spent = 0.0
    while True:
        try:
            _, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            return spent
        spent += 0.0 if os.WIFSIGNALED(status) else _time(used)


def main(report: str, arguments: list[str]) -> int:
    """The exit status of the review."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sys.addaudithook(_heard)
    from reviewer.__main__ import main as review

    sys.argv = ["review-patch", *arguments]
    try:
        status = review()
    except SystemExit as error:
        status = int(error.code or 0)
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = {"status": status, "python": _time(mine) - _spent["hook"], "runners": _spent["runners"],
            "compilers": _time(theirs) - _spent["waited"] + _orphans(), "peak": _peak(), "counts": _counts}  # fmt: skip
    Path(report).write_text(json.dumps(told), encoding="ascii")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
