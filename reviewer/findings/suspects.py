# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the changed lines look guilty of a fault: those that its smallest scenario runs, that call what the rule is
about, that are next to the call that did it. It is the order in which they are tried, and what there is to say where
trying does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from oracle.explain import Row
from oracle.faults import Fault
from oracle.runner import RunnerError
from reviewer.building.pair import Pair
from reviewer.errors import SliceError
from reviewer.findings.case import Case
from reviewer.findings.culprit import culprit
from reviewer.findings.hunks import Part
from reviewer.findings.tracing import SIDES, Call, traced
from reviewer.model import ChangedFunction
from reviewer.running.tried import Ran
from reviewer.slicing.slice import Slice

# A rule, or the category of one -> what a line that breaks such a rule most likely calls.
_TELLING = {
    "batch": "pte_batch|FPB_", "set": "set_pte|_ptes\\b|ptep_", "contpte": "contpte|cont", "dirty": "dirty|uffd_wp",
    "exclusive": "AnonExclusive|anon_rmap", "swap": "swap|swp", "refs": "rmap|folio_(get|put|ref)|mm_counter|rss",
    "tlb": "flush|tlb_", "locks": "lock|lazy_mmu", "E3": "dup_anon_rmap", "E5": "share_anon_rmap",
}  # fmt: skip
FAR = 1 << 30


def named(entry: str, changed: Sequence[ChangedFunction]) -> ChangedFunction:
    """The changed function to name when no run tells: not what was removed, a helper before the entry itself."""
    there = [f for f in changed if f.changed_lines] or list(changed)
    return next((f for f in there if f.name != entry), there[0])


def at_fault(entry: str, changed: Sequence[ChangedFunction], ran: Ran, fault: Fault) -> ChangedFunction:
    """The changed function that the smallest scenario runs through, with the changed lines it runs.

    Of several, one whose lines call what the rule is about; of its lines then, only those."""
    hit: list[ChangedFunction] = []
    told: list[ChangedFunction] = []
    for function in changed:
        lines = lines_run(function, ran.pair.after, fault.reached)
        if lines:
            hit.append(replace(function, changed_lines=tuple(lines)))
        if called := telling(fault, lines):
            told.append(replace(function, changed_lines=called))
    return named(entry, told or hit or changed)


def lines_run(function: ChangedFunction, side: Slice, reached: Collection[int]) -> dict[int, str]:
    """Number and text of the changed lines that a run with these probes went through."""
    item = side.functions.get(function.name)
    if item is None:
        return {}
    text = item.text.split("\n")
    probes = [side.probes[i] for i in reached if side.probes[i].function == function.name]
    at = sorted({n for p in probes for n in function.changed_lines if p.first <= n <= p.last})
    return {n: text[n - item.line] for n in at if n - item.line < len(text)}


def part_run(part: Part, pair: Pair, reached: Collection[int]) -> dict[int, str]:
    """The lines of a part that a run went through; of dropped ones the line they stood before, with their text."""
    at = tuple(sorted(part.added)) or (part.gap,)
    run = lines_run(replace(part.function, changed_lines=at), pair.after, reached)
    was = pair.before.functions.get(part.function.name)
    if part.added or not run or was is None:
        return run
    text = was.text.split("\n")
    gone = [text[n - was.line] for n in sorted(part.removed) if 0 <= n - was.line < len(text)]
    return {part.gap: " ".join(gone)}


def telling(fault: Fault, lines: dict[int, str]) -> tuple[int, ...]:
    """Those of the lines that call what the rule is about."""
    broken = fault.judgement.rule
    pattern = re.compile(_TELLING.get(broken.id) or _TELLING.get(broken.category, "$^"))
    return tuple(n for n, text in lines.items() if pattern.search(text))


@dataclass(frozen=True)
class Deed:
    """The call of a run that did it, and on which side of the patch."""

    call: Call
    side: str

    def near(self, part: Part) -> int:
        """How many lines lie between the call and what changed of its function; very many in another one."""
        function, after = part.function, self.side == "after"
        file = function.file if after else function.was or function.file
        lines = (part.added or {part.gap}) if after else part.removed
        if (self.call.function, self.call.file) != (function.name, file) or not lines:
            return FAR
        return min(abs(n - self.call.line) for n in lines)


def deed(pair: Pair, fault: Fault, changed: Collection[str]) -> Deed | None:
    """The call that breaks the rule, at which the run ends, or after which what is wrong stays so; None when no trace
    tells. changed: the names of the functions that the patch changes."""
    judged, sides = fault.judgement, fault.outcome.sides
    side, other = ("before", "after") if judged.relation == "fixed" else ("after", "before")
    try:
        runs = traced((pair.before.text, pair.after.text), pair.flavour, fault.scenario, changed)
    except (SliceError, RunnerError):
        return None
    calls = runs[SIDES.index(side)]
    if (breaks := next((c for c in calls if judged.rule.id in c.rules), None)) is not None:
        return Deed(breaks, side)
    right = sides[f"{side}-one" if judged.hit.relation in {"batch", "unbatch"} else other].rows
    real = sides[side].rows
    labels = [x for x in dict.fromkeys((*right, *real)) if x != "!ending" and right.get(x, "") != real.get(x, "")]
    case = Case(fault, side, None, tuple(Row(x, right.get(x, ""), real.get(x, "")) for x in labels))
    at = len(calls) - 1 if calls and not case.returned else culprit(calls, case.worst) if case.rows else None
    return Deed(calls[at], side) if at is not None else None


def most_suspect(parts: Sequence[Part], pair: Pair, fault: Fault, done: Deed | None) -> list[Part]:
    """The parts in the order to try them: those that call what the rule is about, those that ran, the others; functions
    before what they use, helpers before the entry, the nearest to what did it first."""

    def key(part: Part) -> tuple[int, bool, bool, int]:
        run = part_run(part, pair, fault.reached)
        rank = 0 if telling(fault, run) else 1 if run else 2
        of = part.function
        return rank, of.kind != "function", of.name == pair.entry.name, done.near(part) if done else FAR

    return sorted(parts, key=key)
