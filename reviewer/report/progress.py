# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress on standard error: a line that changes on a terminal; of a review also a line a patch, anywhere."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from reviewer.model import Finding, Patch, PatchReview
from reviewer.report.console import console
from reviewer.report.text import one_line, printable, shortened
from reviewer.report.view import kinds
from reviewer.words import count, listing, span

_SUBJECT = 60  # columns of a patch's subject
_LEAST = 16  # columns that are left of it and its number
_WIDTH = 100  # columns of a line off a terminal
RATHER = 2.0  # seconds before which no pace is told
_EARLY = 0.05  # of the whole, before which no time is
_RUNNING = 0.6  # of the work on a patch; the rest is for causes


class Steps:
    """A run of known steps. Each step() ends the one before it; advance() moves within a step."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total, scenarios=0, since=(0.0, 0))
        self._begun = 0
        self._done = 0.0

    def step(self, text: str) -> None:
        """Begin the next step, saying what it does."""
        self._to(float(self._begun))
        self._begun += 1
        self.says(text)

    def says(self, text: str) -> None:
        """What the step at hand does now."""
        task = self._bar.tasks[self._task]
        since = (task.elapsed or 0.0, task.fields["scenarios"])
        self._bar.update(self._task, description=str(printable(text)), since=since)

    def of(self, total: int) -> None:
        """How many steps there are, once that is known."""
        self._bar.update(self._task, total=total)

    def advance(self, part: float, scenarios: int = 0) -> None:
        """A further part of the step at hand is done; a step counts 1 and is never overrun."""
        self._to(min(self._done + part, float(self._begun)), scenarios)

    def finish(self) -> None:
        """End the last step."""
        self._to(float(self._begun))

    @property
    def done(self) -> float:
        """Steps done so far, with the part of the one at hand."""
        return self._done

    def _to(self, done: float, scenarios: int = 0) -> None:
        self._done = done
        ran = self._bar.tasks[self._task].fields["scenarios"] + scenarios
        self._bar.update(self._task, completed=done, scenarios=ran)


class _Pace(ProgressColumn):
    """Scenarios a second of what is being done, and the time that is left at the pace of the steps so far."""

    def get_table_column(self) -> Column:
        return Column(no_wrap=True)

    def render(self, task: Task) -> Text:
        began, before = task.fields["since"]
        seconds, ran = (task.elapsed or 0.0) - began, task.fields["scenarios"] - before
        told = [f"{ran / seconds:,.0f} scenarios/s"] if ran and seconds > RATHER else []
        done = task.completed / (task.total or 1)
        if done > _EARLY and (task.elapsed or 0.0) > RATHER:
            told.append(f"{span((task.elapsed or 0.0) / done * (1 - done))} left")
        return Text(", ".join(told))


class Patches:
    """A review as it goes (reviewer/running/told.py)."""

    def __init__(self, out: Console, steps: Steps, lines: bool) -> None:
        self._out, self._steps, self._lines = out, steps, lines
        self._head, self._lock = "", threading.Lock()

    def begins(self, patch: Patch, total: int) -> None:
        """The next patch."""
        self._head = f"{patch.index}/{total} {shortened(one_line(printable(patch.subject)), _SUBJECT)}"
        self._steps.step(self._head)

    def stage(self, text: str) -> None:
        """What is being done with it."""
        self._steps.says(f"{self._head.partition(' ')[0]} {text}")

    def ran(self, part: float, scenarios: int) -> None:
        """So much more of it was run."""
        with self._lock:
            self._steps.advance(part * _RUNNING, scenarios)

    def ends(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        """A line of what came of it."""
        if self._lines:
            self._out.print(Text(_line(self._head, outcome(patch, found), _room(self._out))), soft_wrap=True)

    def of(self, total: int) -> None:
        """So many patches there are."""
        self._steps.of(total)


def _room(out: Console) -> int:
    """Columns of a line, which is cut rather than wrapped."""
    return out.width if out.is_terminal else _WIDTH


def _line(head: str, said: str, most: int) -> str:
    """Which patch, and what came of it: the subject is cut first."""
    return _cut(f"{_cut(head, max(most - cell_len(said) - 2, _LEAST))}: {said}", most)


def _cut(text: str, most: int) -> str:
    """As shortened(), in columns: some letters take two."""
    return text if cell_len(text) <= most else f"{set_cell_size(text, most - 3).rstrip()}..."


def outcome(patch: PatchReview, found: Sequence[Finding]) -> str:
    """What came of a patch, in a few words."""
    mine = [f for f in found if f.relation == "introduced" and f.kind != "static"]
    if mine:
        return f"{', '.join(kinds(mine))} introduced ({listing(list(Counter(f.rule for f in mine)))})"
    fixed = [f for f in found if f.relation == "fixed"]
    mended = list(Counter(f.rule for f in fixed if f.kind != "cost"))
    told = (f"; mends {listing(mended)}" if mended else "") + (
        "; cheaper" if any(f.kind == "cost" for f in fixed) else ""
    )
    if not patch.functions:
        return "nothing in it that the rules know"
    short = sum(not f.settled for f in patch.functions)
    of = count(len(patch.functions), "changed function")
    return (f"{short} of {of} not exercised in full" if short else f"{of}, no difference found") + told


@contextmanager
def progress(total_steps: int, enabled: bool | None = None) -> Iterator[Steps]:
    """Show progress while the block runs and leave no trace after it; None: when stderr is a terminal."""
    out = console(sys.stderr)
    with _bar(out, enabled) as bar:
        steps = Steps(bar, total_steps)
        yield steps
        steps.finish()


@contextmanager
def patches(*, quiet: bool = False, lines: bool = True) -> Iterator[Patches]:
    """Show how a review goes while the block runs. quiet: not at all; lines: a line a patch, off a terminal, too."""
    out = console(sys.stderr)
    with _bar(out, False if quiet else None) as bar:
        steps = Steps(bar, 1)
        steps.says("applying the series")
        yield Patches(out, steps, lines and not quiet)
        steps.finish()


def _bar(out: Console, enabled: bool | None) -> Progress:
    said = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1))
    shown = out.is_terminal if enabled is None else enabled
    return Progress(said, BarColumn(12), _Pace(), console=out, transient=True, disable=not shown, expand=True,
                    refresh_per_second=4)  # fmt: skip
