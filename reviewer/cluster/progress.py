# SPDX-License-Identifier: GPL-2.0-or-later
"""How a campaign goes, on standard error: a line that changes on a terminal, else one every few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from reviewer.cluster.line import Tally
from reviewer.cluster.pool import Asking
from reviewer.report.console import console
from reviewer.words import count, span

_EVERY = 5.0  # seconds between lines in a log
_FRAMES = 2  # a second, on a terminal


@contextmanager
def progress(tally: Tally, ask: Asking, quiet: bool = False) -> Iterator[None]:
    """Tell of a campaign while the block runs."""
    out = console(sys.stderr)
    began, stop = time.monotonic(), threading.Event()

    def line() -> str:
        return told(tally, ask.scenarios, time.monotonic() - began)

    def log() -> None:
        while not stop.wait(_EVERY):
            print(line(), file=sys.stderr, flush=True)

    if quiet:
        yield
    elif out.is_terminal:
        with Live(console=out, refresh_per_second=_FRAMES, transient=True, get_renderable=lambda: Text(line())):
            yield
    else:
        thread = threading.Thread(target=log, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            print(line(), file=sys.stderr, flush=True)


def told(tally: Tally, scenarios: int, seconds: float) -> str:
    """The line: what is done, how fast, what is left."""
    whole = tally.known + tally.left
    parts = [
        f"{tally.done} of {whole}{' or more' if tally.left else ''} series",
        f"{count(tally.functions, 'function')} done",
        f"{scenarios / seconds if seconds else 0:,.0f} scenarios/s",
    ]
    here = tally.done - tally.skipped
    if tally.done < whole and here:
        parts.append(f"{span(seconds / here * (whole - tally.done))} left")
    if tally.skipped:
        parts.append(f"{tally.skipped} known already")
    return ", ".join(parts)
