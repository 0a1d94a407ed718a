# SPDX-License-Identifier: GPL-2.0-or-later
"""Bounded-exhaustive runs: all small tables there are (world/enumerate.c), up to a length that a budget allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oracle.runner import Hit, Runner
from oracle.wire import Scenario

_LONGEST = 6  # W_TABLE_MOST
_CHUNK = 50_000
Calls = Sequence[Sequence[int]]
Told = Callable[[list[Hit], Callable[[int], Scenario]], None]


@dataclass(frozen=True)
class Bound:
    """What was tried without a gap: tables of up to so many PTEs, each in one of so many states, in so many places;
    calls: in how many ways the entry was called on each. tables: of one call."""

    ptes: int
    tables: int
    states: int
    places: int
    calls: int

    def __str__(self) -> str:
        ways = f", called in {self.calls} ways" if self.calls > 1 else ""
        return (
            f"all {self.tables:,} tables of up to {self.ptes} PTEs over {self.states} states, "
            f"in {self.places} place{'s' * (self.places > 1)}{ways}"
        )


def longest(runner: Runner, calls: Calls, most: int) -> int:
    """Up to how many PTEs all tables, in all calls, are at most so many; 0 where there is no such length."""
    for ptes in range(_LONGEST if calls else 0, 0, -1):
        if 0 < runner.tables(ptes)[0] * len(calls) <= most:
            return ptes
    return 0


def exhaust(runner: Runner, calls: Calls, most: int, tell: Told) -> Bound | None:
    """Try the longest tables of which all, in all calls, are at most so many; None where there is not one length.

    tell(hits, scenario): what was met, and the scenario of a hit by its number."""
    if not (ptes := longest(runner, calls, most)):
        return None
    count, states, places = runner.tables(ptes)
    ran = {_each(runner, options, count, tell) for options in calls}
    return Bound(ptes, max(ran), states, places, len(calls))


def _each(runner: Runner, options: Sequence[int], count: int, tell: Told) -> int:
    """Run all tables with these options; how many of them a kernel can be in, which does not depend on the options."""
    words = " ".join(map(str, options))
    ran = 0
    for first in range(0, count, _CHUNK):
        done, hits = runner.exhaust(first, min(_CHUNK, count - first), words)
        ran += done
        tell(hits, lambda index: runner.table(index, words))
    return ran
