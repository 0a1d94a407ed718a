# SPDX-License-Identifier: GPL-2.0-or-later
"""Which changed lines a fault comes from, by experiment: they are taken back, and the scenario that showed it is run.

The fewest hunks without which the fault is gone and nothing else has come in its place, then the fewest groups of lines
of that hunk. Each set is one build, asked about all faults of a pair; how many are built is bounded by number, so that
the answer is the same on any machine. Where no build tells, the nearest lines to the call that did it are named, else
those that ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from oracle.faults import Fault
from oracle.flavours import FLAVOURS
from oracle.judge import shows
from oracle.runner import Outcome, Runner, RunnerError
from oracle.wire import Scenario, names
from oracle.workloads import SIZES, workloads
from reviewer.building.pair import Pair, build_beside
from reviewer.errors import SliceError
from reviewer.findings.hunks import Group, Hunks, Part
from reviewer.findings.suspects import FAR, Deed, at_fault, deed, most_suspect, part_run, telling
from reviewer.model import ChangedFunction, PatchTrees
from reviewer.running.tried import Ran

_BUILDS = 4  # for each fault
_MOST = 12  # for all faults of a pair
_FEW = 3  # groups to be taken back with the one that is named; more of them tell nothing
_HARMLESS = frozenset((*names("HARMLESS"), *names("CUT"), "CALLS"))


T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a fault comes from. function: the changed function, its changed_lines the most telling ones; changed_lines,
    removed_lines: all of it there, in the file after and before. how: what this rests on. alone: to take back these
    lines mends it; others: that many further groups
    of lines have to be taken back with them. of: groups to choose from, 0 if it is
    not the patch's doing."""

    file: str
    function: ChangedFunction
    changed_lines: tuple[int, ...]
    removed_lines: tuple[int, ...]
    how: Literal["experiment", "trace", "reached"]
    alone: bool
    others: int = 0
    of: int = 0


def places(
    step: PatchTrees, changed: Sequence[ChangedFunction], ran: Ran, faults: Sequence[Fault]
) -> tuple[Place, ...]:
    """The place of each of some faults of a pair. changed: all that the patch changes."""
    search = _Search(step, [f for f in changed if _in(f, ran)] or changed, ran, faults)
    return tuple(search.place(number) for number in range(len(faults)))


def reached(changed: Sequence[ChangedFunction], ran: Ran, fault: Fault, of: int) -> Place:
    """The place of a fault by what its smallest scenario runs."""
    function = at_fault(ran.pair.entry.name, changed, ran, fault)
    lines = function.changed_lines if function.added else ()
    return Place(function.file, function, lines, function.removed_lines, "reached", alone=False, of=of)


def _in(function: ChangedFunction, ran: Ran) -> bool:
    was = function.was or function.file
    return ran.pair.after.holds(function.name, function.file) or ran.pair.before.holds(function.name, was)


class _Search:
    """What taking back gave so far, for all faults of a pair."""

    def __init__(self, step: PatchTrees, changed: Sequence[ChangedFunction], ran: Ran, faults: Sequence[Fault]) -> None:
        self.step, self.changed, self.ran, self.faults = step, changed, ran, faults
        self.cut = Hunks(step, changed)
        self.hunks = self.cut.hunks()
        self.left = min(_MOST, _BUILDS * len(self.faults))
        # Without any of them it is the code before.
        every = frozenset(range(len(self.faults)))
        self.mended: dict[frozenset[Group], frozenset[int]] = {self.cut.groups: every} if self.cut.complete else {}
        self.work = tuple(_work(ran.pair))
        self.batched: dict[frozenset[Group], frozenset[int]] = {}

    def place(self, number: int) -> Place:
        fault = self.faults[number]
        if fault.judgement.relation != "introduced" or not self.hunks:
            return reached(self.changed, self.ran, fault, 0)
        near = deed(self.ran.pair, fault, {f.name for f in self.changed}) if len(self.cut.groups) > 1 else None
        order = partial(most_suspect, pair=self.ran.pair, fault=fault, done=near)
        hunks = order(self.hunks)
        mends = partial(self.mends, number)
        guilty = fewest(hunks, mends)
        whole = _all(guilty)
        # What is taken back with another may look more guilty than that; and to make no batches mends whatever is wrong
        # with them, which says nothing of who is.
        first = next((p for p in hunks if whole.issuperset(p.groups)), hunks[0])
        if self._unbatches(whole) and telling(fault, part_run(hunks[0], self.ran.pair, fault.reached)):
            guilty = guilty if first is hunks[0] else []
            first = hunks[0]
        if guilty == [first] and len(first.groups) > 1:
            guilty = fewest(order(self.cut.lines(first)), mends) or guilty
            first, whole = guilty[0], _all(guilty)
        others = len(whole.difference(first.groups))
        if guilty and others <= _FEW:
            return replace(self._told(first, fault, near, "experiment"), alone=others == 0, others=others)
        if near is not None and near.near(first) < FAR:
            return self._told(first, fault, near, "trace")
        return reached([first.function], self.ran, fault, len(self.cut.groups))

    def mends(self, number: int, parts: Sequence[Part]) -> bool:
        """Whether a fault is gone with these parts taken back; as far as builds are left to tell."""
        groups = _all(parts)
        if groups not in self.mended and self.left > 0:
            self.left -= 1
            self.mended[groups] = self._run(groups)
        return number in self.mended.get(groups, frozenset())

    def _run(self, groups: frozenset[Group]) -> frozenset[int]:
        """The faults that are gone with these lines taken back; none where that does not compile."""
        try:
            pair = build_beside(self.ran.pair, self.step.before, self.cut.without(groups))
            with Runner(pair.program) as runner:
                tried = [(n, f, runner.attempt(f.scenario)) for n, f in enumerate(self.faults)]
                self.batched[groups] = _batched(runner, self.work)
        except (SliceError, RunnerError):
            return frozenset()
        return frozenset(n for n, fault, now in tried if now is not None and _gone(fault, now))

    def _unbatches(self, groups: frozenset[Group]) -> bool:
        """Whether the patch makes batches that are none any more with these lines taken back."""
        try:
            with Runner(self.ran.pair.program) as runner:
                return groups in self.batched and not _batched(runner, self.work) <= self.batched[groups]
        except RunnerError:
            return False

    def _told(self, part: Part, fault: Fault, near: Deed | None, how: Literal["experiment", "trace"]) -> Place:
        """A part as a place: of its lines those first that tell most."""
        function, added = part.function, tuple(sorted(part.added))
        run = part_run(part, self.ran.pair, fault.reached)
        at = (near.call.line,) if near and near.side == "after" and near.call.line in part.added else ()
        lines = telling(fault, run) or at or tuple(run) or added or (part.gap,)
        removed = tuple(sorted(part.removed))
        shown = replace(function, changed_lines=lines, removed_lines=removed, added=bool(added))
        return Place(function.file, shown, added, removed, how, alone=False, of=len(self.cut.groups))


def fewest(parts: Sequence[T], mends: Callable[[Sequence[T]], bool]) -> list[T]:
    """The fewest of the parts found that mend, the first ones if there is a choice; none when not even all of them do.

    The shortest beginning that does is looked for first, and then what of it is not needed is left out."""
    if not mends(parts):
        return []
    low, high, stride = 0, len(parts), 1
    while high - low > 1:
        middle = low + stride if low + stride < high else (low + high) // 2
        if mends(parts[:middle]):
            high = middle
        else:
            low = stride = middle
    if mends(parts[high - 1 : high]):
        return [parts[high - 1]]
    needed = list(parts[:high])
    for part in parts[: high - 1]:
        rest = [p for p in needed if p is not part]
        needed = rest if mends(rest) else needed
    return needed


def _all(parts: Sequence[Part]) -> frozenset[Group]:
    return frozenset[Group]().union(*(p.whole for p in parts))


def _work(pair: Pair) -> Iterator[Scenario]:
    """Ranges of folios of all sizes, as cost is counted on."""
    for load in workloads(pair.entry, FLAVOURS[pair.flavour].cont_ptes):
        yield from load.guises if load.ptes == SIZES[0] else ()


def _batched(runner: Runner, work: Iterable[Scenario]) -> frozenset[int]:
    """In which of the scenarios the patched side makes batches: it does less than with each forced to one PTE."""
    done = [(n, o.sides) for n, what in enumerate(work) if (o := runner.attempt(what)) is not None]
    return frozenset(n for n, sides in done if sides["after"].counts != sides["after-one"].counts)


def _gone(fault: Fault, now: Outcome) -> bool:
    """Whether a fault does not show any more, and nothing that neither side showed shows instead."""
    was, before, after = fault.outcome.sides["after"], now.sides["before"], now.sides["after"]
    broken = after.violated.keys() - before.violated.keys() - was.violated.keys()
    differs = {what for what, _ in now.codes["pair"]} - {what for what, _ in fault.outcome.codes["pair"]} - _HARMLESS
    ends = after.ending in {0, before.ending}
    return ends and not broken and not differs and not shows(now, fault.judgement.hit)
