# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts a program behind the layers there are, and sees it to its end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from oracle.sandbox.command import command_of
from oracle.sandbox.layers import current
from oracle.sandbox.policy import Limits, Policy


class Halted(KeyboardInterrupt):
    """Everything is to stop: what started nothing new was told so by halt()."""


_running: set[subprocess.Popen[bytes]] = set()
_halting = threading.Event()
_lock = threading.RLock()  # a signal may come while it is held
_troubles: list[str] = []


@dataclass(frozen=True)
class Done:
    """How a program ended. status: as subprocess has it. errors: its standard error, cut at the limit. stopped: the
    limit that ended it, in words, empty when it ended by itself."""

    status: int
    errors: bytes
    stopped: str = ""


def start(command: Sequence[str | Path], policy: Policy) -> subprocess.Popen[bytes]:
    """Start a program with pipes as its standard input and output. stop() ends it."""
    return _started(command, policy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def run(command: Sequence[str | Path], policy: Policy) -> Done:
    """Run a program to its end, or to the first limit. No child is left whatever is raised meanwhile."""
    process = _started(command, policy, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        errors, stopped = _errors(process, policy.limits)
    finally:
        stop(process)
        if process.stderr is not None:
            process.stderr.close()
    check()
    if stopped or signal_of(process.returncode):
        trouble(stopped)
    return Done(process.returncode, errors, stopped)


def watch(command: Sequence[str | Path], policy: Policy, heard: Callable[[bytes], None]) -> Done:
    """The same, with all that it says, on both of its outputs, handed on as it comes, and nothing each second in which
    it says nothing. Done.errors is empty."""
    process = _started(command, policy, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    try:
        stopped = _heard(process, process.stdout, policy.limits, heard)
    finally:
        stop(process)
        process.stdout.close()
    check()
    return Done(process.returncode, b"", stopped)


def _started(command: Sequence[str | Path], policy: Policy, **streams: int) -> subprocess.Popen[bytes]:
    made = command_of(command, policy, current())
    with _lock:
        check()
        process = subprocess.Popen(made, **streams, env={}, cwd="/", bufsize=0, start_new_session=True)  # type: ignore[call-overload]
        _running.add(process)
    return process  # type: ignore[no-any-return]


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a program with all that it started, and wait."""
    _kill(process)
    process.wait()
    with _lock:
        _running.discard(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def halt() -> None:
    """Kill all that runs, in every thread, and let nothing start any more."""
    _halting.set()
    with _lock:
        for process in _running:
            _kill(process)


def trouble(what: str) -> None:
    """Take note of what may go otherwise the next time, with the same input: a limit of time, a full disk."""
    _troubles.append(what)


def troubles() -> int:
    """How often that was so in this process."""
    return len(_troubles)


def check() -> None:
    """Raise Halted after halt(): for those who are about to begin something long."""
    if _halting.is_set():
        raise Halted


def signal_of(status: int) -> int:
    """The signal that ended a program, by the status that subprocess or bubblewrap has for it; 0 for none."""
    return -status if status < 0 else status - 128 if status > 128 else 0


def _heard(process: subprocess.Popen[bytes], stream: IO[bytes], limits: Limits, heard: Callable[[bytes], None]) -> str:
    """The limit that was reached, empty when it came to its end."""
    left, end = limits.output, time.monotonic() + limits.wall
    with selectors.DefaultSelector() as waiting:
        waiting.register(stream, selectors.EVENT_READ)
        while time.monotonic() < end:
            check()
            chunk = stream.read(1 << 16) if waiting.select(min(1.0, max(0.0, end - time.monotonic()))) else None
            if chunk == b"":
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, end - time.monotonic()))
                    return ""
                break
            heard((chunk or b"")[:left])
            left -= len(chunk or b"")
            if left < 0:
                return f"more than {limits.output >> 10} KiB of messages"
    return f"{limits.wall:.0f} s of time"


def _errors(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, str]:
    """(standard error up to the limit, the limit that was reached)."""
    stream, taken, end = process.stderr, bytearray(), time.monotonic() + limits.wall
    assert stream is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(stream, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not waiting.select(left):
                break
            chunk = stream.read(1 << 16)
            if not chunk:
                break
            taken += chunk
            if len(taken) > limits.output:
                return bytes(taken[: limits.output]), f"more than {limits.output >> 10} KiB of messages"
    try:
        process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return bytes(taken), f"{limits.wall:.0f} s of time"
    return bytes(taken), ""
