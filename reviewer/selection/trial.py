# SPDX-License-Identifier: GPL-2.0-or-later
"""An entry run on one tree against itself: whether it can be exercised there, what it covers, what it breaks.

Code that nobody changed breaks no rule. Where a generic entry does, its arguments are at fault: it lies to the
function about what callers guarantee, and is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from oracle.entries import GENERIC, Entry
from oracle.runner import Hit, Runner, RunnerError
from reviewer.building.pair import build
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.slicing.probes import lines_of
from reviewer.slicing.slice import Slice


@dataclass(frozen=True)
class Trial:
    """An entry on a flavour. why: what keeps it from being exercised, empty when nothing does.
    hits: rules that the unchanged code breaks; for a generic entry they are the reason in why."""

    entry: Entry
    flavour: str
    why: str
    piece: Slice | None = None
    covered: frozenset[int] = frozenset()
    scenarios: int = 0
    hits: tuple[Hit, ...] = ()

    def lines(self, name: str, file: str) -> tuple[set[int], set[int]]:
        """(lines with code, lines that ran) of a function in the entry's slice."""
        item = self.piece.functions.get(name) if self.piece is not None else None
        if self.piece is None or item is None or item.file != file:
            return set(), set()
        mine = [i for i, probe in enumerate(self.piece.probes) if probe.function == name]
        at = lines_of(item, [self.piece.probes[i] for i in mine])
        return set(at), {line for line, number in at.items() if mine[number] in self.covered}

    @property
    def ends(self) -> list[str]:
        """Functions that are not modelled at which some run came to its end."""
        return [n for n, probe in self.piece.ends.items() if probe in self.covered] if self.piece is not None else []


@lru_cache(maxsize=8)
def attempt(
    tree: Tree, entry: Entry, flavour: str, seed: int, count: int, touched: frozenset[str] = frozenset(),
    sources: tuple[str, ...] = (),
) -> Trial:  # fmt: skip
    """Build the entry and run count scenarios. touched, sources: names and files of a patch, as for build()."""
    try:
        pair = build(tree, tree, entry, flavour, touched, sources)
    except SliceError as error:
        return Trial(entry, flavour, f"{error.place}: {error.message}" if error.place else error.message)
    try:
        with Runner(pair.program, timeout=600) as runner:
            hits = tuple(runner.campaign(seed, 0, count, thorough=True))
            covered, _ = runner.coverage()
    except RunnerError as error:
        return Trial(entry, flavour, f"the run ended early: {error}", pair.before)
    trial = Trial(entry, flavour, "", pair.before, covered, count, hits)
    why = ""
    if entry.adapter == GENERIC and hits:
        broken = ", ".join(sorted({h.what for h in hits}))
        why = f"a call by its signature alone does not meet what its callers guarantee ({broken})"
    elif not trial.lines(entry.name, _file(pair.before, entry))[1]:
        why = "no scenario reached it"
    return Trial(entry, flavour, why, pair.before, covered, count, hits)


def _file(piece: Slice, entry: Entry) -> str:
    item = piece.functions.get(entry.name)
    return item.file if item is not None else entry.files[0]
