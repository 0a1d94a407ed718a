# SPDX-License-Identifier: GPL-2.0-or-later
"""Which changed lines have code, and which of them ran or are proven the same: the facts that claims rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from oracle.task import Targets
from reviewer.building.identity import Same
from reviewer.building.pair import Pair
from reviewer.csource.items import Item
from reviewer.model import ChangedFunction
from reviewer.running.tried import Ran
from reviewer.slicing.probes import lines_of
from reviewer.slicing.slice import Slice

Key = tuple[str, str]
# A function with nothing in it has run where it was called.
_EMPTY = re.compile(r"\{\s*\}\s*$")


@dataclass(frozen=True)
class Lines:
    """wanted: changed lines with code on some flavour. covered: those that a scenario reached. same: those that compile
    to the same code. forced: those that were reached by force alone (reviewer/running/forcing.py)."""

    wanted: frozenset[int]
    covered: frozenset[int]
    same: frozenset[int]
    forced: frozenset[int]

    @property
    def missed(self) -> frozenset[int]:
        """Lines that neither ran nor are proven the same."""
        return self.wanted - self.covered - self.same - self.forced


def lines(function: ChangedFunction, ran: Iterable[Ran], same: Iterable[Same]) -> Lines:
    """The lines of a changed function, macro or type over all pairs that hold it.

    Where no line with code was added, what was dropped has to be reached before the patch; by line numbers there. Where
    only declarations changed, the function itself has to be reached; of what is no function, a line that uses it."""
    wanted: set[int] = set()
    covered: set[int] = set()
    alike: set[int] = set()
    forced: set[int] = set()
    for one in ran:
        for line, probes, after in _asked(function, one.pair):
            wanted.add(line)
            if not probes.isdisjoint(one.result.after if after else one.result.before):
                covered.add(line)
            elif after and not probes.isdisjoint(one.forced):
                forced.add(line)
    run = frozenset(wanted)  # a proof for one flavour says nothing of another
    for proof in same:
        for line, probes, after in _asked(function, proof.pair) if not proof.text else ():
            wanted.add(line)
            if line not in run and proof.steady and not probes.isdisjoint(proof.after if after else proof.before):
                alike.add(line)
    return Lines(frozenset(wanted), frozenset(covered), frozenset(alike), frozenset(forced - covered))


def holds(function: ChangedFunction, pair: Pair) -> bool:
    """Whether the pair compiles the function's code on each side that has it."""
    before = function.side == "after" or pair.before.holds(function.name, function.was or function.file)
    return before and (function.side == "before" or pair.after.holds(function.name, function.file))


def probes_of(function: ChangedFunction, side: Slice) -> dict[int, int]:
    """Line of the function on a side -> the probe of the statement on it."""
    item = side.functions.get(function.name)
    return _probes(side, item) if item is not None else {}


def unrun(function: ChangedFunction, users: Iterable[Key], ran: Iterable[Ran], same: Iterable[Same]) -> list[Key]:
    """Those who use a macro, type or variable and neither ran a line that does, nor are the same code."""
    met: set[Key] = set()
    for one in ran:
        used = set(_uses(one.pair.after, function)) & one.result.after
        met |= {(one.pair.after.probes[n].function, one.pair.after.probes[n].file) for n in used}
    for proof in same:
        if proof.steady:
            met |= {(i.name, i.file) for i in proof.pair.after.functions.values()}
    return sorted(set(users) - met)


def targets(pair: Pair, functions: Iterable[ChangedFunction], steered: bool = True) -> Targets:
    """The lines of these functions that the patch changed, as probes of the side after it. steered: scenarios may be
    led there; else it is only known when they came to what a claim rests on."""
    found: set[int] = set()
    near: set[int] = set()
    asked: dict[tuple[frozenset[int], bool], None] = {}
    for function in functions:
        asked |= dict.fromkeys((probes, after) for _, probes, after in _asked(function, pair))
        at = probes_of(function, pair.after)
        mine = {at[n] for n in function.changed_lines if n in at} if steered else set()
        found |= mine
        near |= {*at.values()} if mine else set()
    return Targets(frozenset(found), range(min(near), max(near) + 1) if near else range(0), tuple(asked))


def _asked(function: ChangedFunction, pair: Pair) -> list[tuple[int, frozenset[int], bool]]:
    """Each changed line, the probes any of which stands for it, and whether these are of the side after the patch."""
    if not holds(function, pair):
        return []
    after = function.side != "before"
    side = pair.after if after else pair.before
    item = side.found[function.name]
    if item.kind != "function" or _EMPTY.search(item.text):
        used = frozenset(_uses(side, function))
        at = function.changed_lines or function.removed_lines or (item.line,)
        return [(line, used, after) for line in at if used]
    return [(line, frozenset({probe}), after) for line, probe, after in _of_function(function, pair)]


def _of_function(function: ChangedFunction, pair: Pair) -> list[tuple[int, int, bool]]:
    at, before = probes_of(function, pair.after), probes_of(function, pair.before)
    if function.added and (mine := [n for n in function.changed_lines if n in at]):
        return [(n, at[n], True) for n in mine]
    if mine := [n for n in function.removed_lines if n in before]:
        return [(n, before[n], False) for n in mine]
    first, after = (at, True) if at else (before, False)
    return [(min(first), first[min(first)], after)] if first else []


def _uses(side: Slice, function: ChangedFunction) -> Iterable[int]:
    """Probes of the statements that use a macro, type or variable, directly or by others, or of functions that do."""
    means = {name for name, item in side.found.items() if item.name == function.name} | {function.name}
    grown = True
    while grown:
        more = {
            n for n, i in side.found.items() if i.kind != "function" and n not in means and not means.isdisjoint(i.refs)
        }
        means |= more
        grown = bool(more)
    word = re.compile(rf"\b(?:{'|'.join(re.escape(n.split()[-1]) for n in sorted(means))})\b")
    for item in side.functions.values():
        if means.isdisjoint(item.refs):
            continue
        at = _probes(side, item)
        text = item.text.split("\n")
        mine = [probe for line, probe in at.items() if word.search(text[line - item.line])]
        yield from mine or ([at[min(at)]] if at else [])


def _probes(side: Slice, item: Item) -> dict[int, int]:
    """Line -> the probe of the statement on it."""
    mine = [i for i, p in enumerate(side.probes) if p.function == item.name]
    return {n: mine[k] for n, k in lines_of(item, [side.probes[i] for i in mine]).items()}
