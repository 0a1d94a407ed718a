# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function costs, counted on the world's primitives: the same patch gives the same numbers anywhere.

Each workload is run before and after the patch; what counts is operations per PTE, and how that grows with the range.
Counts, not times; debug checks do not count (w_check in world/mmu.h).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from oracle.differences import DIFFERENCES
from oracle.runner import Outcome, Runner, RunnerError
from oracle.wire import Scenario
from oracle.workloads import Workload

# Least growth per PTE that is worth a reviewer's time; cache misses, atomics and flushes weigh, plain reads do not.
_WORTH = {"call": 0.03, "folio_lookup": 0.5, "page_touch": 0.5, "tlb_flush": 0.05, "tlb_pages": 1.0, "fold": 0.03,
          "unfold": 0.03, "rmap_op": 0.5, "ref_op": 0.5, "lock": 0.25, "ptep_get": 1.0, "pte_read": 3.0,
          "pte_write": 1.0, "atomic": 1.0}  # fmt: skip
# Once for a batch: of these twice as many say that batches are half as long. At least one more for 16 PTEs.
_ONCE = frozenset({"rmap_op", "ref_op", "tlb_flush"})
_MORE = 1 / 16
# How the work was cut, and whether blocks are folded, are not what was done.
_HOW_ONLY = frozenset(row.name for row in DIFFERENCES.values() if row.how)
Came = Sequence[Outcome | None]  # of each guise of a workload, None where the runner refuses it


@dataclass(frozen=True)
class Row:
    """Counters of one workload, before and after. part: see Workload."""

    folios: str
    ptes: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    scenario: Scenario
    part: str = ""

    def rise(self, counter: str) -> float:
        """By how much a counter rose for each PTE; below 0 it fell."""
        return (self.after[counter] - self.before[counter]) / self.ptes


@dataclass(frozen=True)
class Growth:
    """A counter that rose or fell: operations per PTE before and after, for a class at a number of PTEs. quadratic: the
    cost per PTE itself grows with the range, up to `last` per PTE at `most` PTEs. part, calls: see Workload; how many
    the range takes after."""

    counter: str
    folios: str
    ptes: int
    before: float
    after: float
    quadratic: bool
    scenario: Scenario
    most: int = 0
    last: float = 0.0
    part: str = ""
    calls: int = 0


def measure(runner: Runner, work: Iterable[Workload], known: Iterable[Came] = ()) -> list[Row]:
    """The counters of each workload that both sides do, and do right; none when the process dies of one. known: what
    came of the guises of each workload in one call, where they were attempted before."""
    rows = []
    idle: dict[str, bool] = {}  # by state: whether the first of its workloads is none to the entry
    for load, came in zip(work, chain(known, repeat(())), strict=False):
        if idle.get(load.state):
            continue
        try:
            done = _attempt(runner, load, came)
        except RunnerError:
            return []
        idle.setdefault(load.state, done is None)
        if done is not None and _comparable(done[1], load.part):
            before, after = (done[1].sides[side].counts for side in ("before", "after"))
            rows.append(Row(load.folios, load.ptes, before, after, done[0], load.part))
    return rows


def _attempt(runner: Runner, load: Workload, came: Came) -> tuple[Scenario, Outcome] | None:
    """The first guise that the entry can be called on, and that makes it write a PTE or, failing that, look at one."""
    if load.part or not came:
        came = [runner.attempt(guise, whole=bool(load.part)) for guise in load.guises]
    tried = [(g, o) for g, o in zip(load.guises, came, strict=True) if o is not None]
    for counter in ("pte_write", "pte_read"):
        for guise, outcome in tried:
            if any(side.counts[counter] for side in outcome.sides.values()):
                return guise, outcome
    return None


def _comparable(outcome: Outcome, part: str) -> bool:
    """Whether both sides came to the same state and broke no rule: less work that leaves something out is no saving."""
    differs = {name for name, _ in outcome.codes["pair"]} - _HOW_ONLY - ({"RETURN"} if part else set())
    return not differs and not any(side.ending or side.violated for side in outcome.sides.values())


def growth(rows: Sequence[Row], falling: bool = False) -> list[Growth]:
    """What rose (or fell) by more than is worth a remark, what is quadratic first; empty when nothing did."""
    classes = list(dict.fromkeys(row.folios for row in rows))
    found = []
    for counter in _WORTH:
        for folios in classes:
            mine = [row for row in rows if row.folios == folios]
            if any(_worth(row, counter, falling) for row in mine):
                found.append(_judge(counter, [row for row in mine if _worth(row, counter, falling)]))
    return sorted(found, key=lambda g: not g.quadratic)


def _worth(row: Row, counter: str, falling: bool) -> bool:
    less, more = (row.after, row.before) if falling else (row.before, row.after)
    rise = -row.rise(counter) if falling else row.rise(counter)
    twice = counter in _ONCE and 0 < 2 * less[counter] <= more[counter] and rise >= _MORE
    return rise >= _WORTH[counter] or twice


def _judge(counter: str, rows: Sequence[Row]) -> Growth:
    """The smallest size that shows it, marked when the cost per PTE itself grows with the range."""
    first, last = rows[0], rows[-1]
    quadratic = last.ptes >= 4 * first.ptes and last.rise(counter) >= 2 * first.rise(counter) > 0
    before, after = first.before[counter] / first.ptes, first.after[counter] / first.ptes
    return Growth(counter, first.folios, first.ptes, before, after, quadratic, first.scenario, last.ptes,
                  last.after[counter] / last.ptes, first.part, first.after["call"])  # fmt: skip
