"""Progress on standard error, on a terminal only; a log or a pipe gets nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from reviewer.report.text import printable


class Steps:
    """A run of known steps. Each step() ends the one before it; advance() moves within a step."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total)
        self._begun = 0
        self._done = 0.0

    def step(self, text: str) -> None:
        """Begin the next step, saying what it does."""
        self._to(float(self._begun))
        self._begun += 1
        self._bar.update(self._task, description=str(printable(text)))

    def advance(self, part: float) -> None:
        """A further part of the step at hand is done; a step counts 1 and is never overrun."""
        self._to(min(self._done + part, float(self._begun)))

    def finish(self) -> None:
        """End the last step."""
        self._to(float(self._begun))

    @property
    def done(self) -> float:
        """Steps done so far, with the part of the one at hand."""
        return self._done

    def _to(self, done: float) -> None:
        self._done = done
        self._bar.update(self._task, completed=done)


@contextmanager
def progress(total_steps: int, enabled: bool | None = None) -> Iterator[Steps]:
    """Show progress while the block runs and leave no trace after it; None: when stderr is a terminal."""
    out = Console(file=sys.stderr, markup=False, emoji=False, highlight=False)
    shown = out.is_terminal if enabled is None else enabled
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not shown) as bar:
        steps = Steps(bar, total_steps)
        yield steps
        steps.finish()
