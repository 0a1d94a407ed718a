# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches of a series that are under way at once are told of one after the other: each has its turn.

What is told of a patch before its turn is kept until then; so whoever listens hears of patches in their order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from reviewer.model import Finding, Patch, PatchReview
from reviewer.running.listener import Listener


class Turns:
    """The listener, and whose turn it is."""

    def __init__(self, told: Listener) -> None:
        self.told = told
        self.lock = threading.RLock()
        self.last: Turn | None = None

    def next(self) -> Turn:
        """The turn of the next patch: it comes when the one before it ends."""
        turn = Turn(self, here=self.last is None or self.last.over)
        if self.last is not None:
            self.last.after = turn
        self.last = turn
        return turn


class Turn:
    """One patch's part of what is told (reviewer/running/told.py)."""

    def __init__(self, turns: Turns, *, here: bool) -> None:
        self._turns, self._here = turns, here
        self._kept: list[Callable[[], None]] = []
        self.over = False
        self.after: Turn | None = None

    def begins(self, patch: Patch, total: int) -> None:
        """As told."""
        self._say(partial(self._turns.told.begins, patch, total))

    def stage(self, text: str) -> None:
        """As told."""
        self._say(partial(self._turns.told.stage, text))

    def ran(self, part: float, scenarios: int) -> None:
        """As told."""
        self._say(partial(self._turns.told.ran, part, scenarios))

    def ends(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        """As told; then it is the next one's turn."""
        self._say(partial(self._end, patch, found))

    def comes(self) -> None:
        """It is this one's turn: say what was kept."""
        with self._turns.lock:
            self._here = True
            for said in self._kept:
                said()
            self._kept.clear()

    def _end(self, patch: PatchReview, found: Sequence[Finding]) -> None:
        self._turns.told.ends(patch, found)
        self.over = True
        if self.after is not None:
            self.after.comes()

    def _say(self, what: Callable[[], None]) -> None:
        with self._turns.lock:
            if self._here:
                what()
            else:
                self._kept.append(what)
