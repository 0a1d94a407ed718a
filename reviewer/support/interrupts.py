# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGINT, SIGTERM and SIGHUP: children are killed at once, and every stage ends where it is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from oracle import sandbox

_got: list[int] = []
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def halted() -> int:
    """The exit status that a signal asked for, 128 more than its number as shells have it; 0 as long as none came."""
    return 128 + _got[0] if _got else 0


@contextmanager
def interruptible() -> Iterator[None]:
    """Meanwhile these signals raise Halted, in the main thread at once and in the others at their next step."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _raise) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> None:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # one is enough, and what is left to do is short
    _got.append(number)
    sandbox.halt()
    raise sandbox.Halted
