# SPDX-License-Identifier: GPL-2.0-or-later
"""The counts of a cost finding: in lines, what moved; as a table, a row for each flavour and class of folios at its
largest size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.model import Finding


def table(finding: Finding) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(heads, rows) of text. A cell is what each PTE costs, "before → after" where that changed."""
    largest = {(c.flavour, c.folios): c for c in finding.counts}
    names = tuple(dict.fromkeys(name for c in finding.counts for name in c.before))
    rows = tuple(
        (c.flavour, c.folios, str(c.ptes), *(_cell(c.before.get(n, 0), c.after.get(n, 0)) for n in names))
        for c in largest.values()
    )
    return ("flavour", "folios", "PTEs", *names), rows


def costs(finding: Finding) -> tuple[str, ...]:
    """What moved, a line each: "TLB flushes per PTE: before 1.062, after 0.125; 64K, 2M by PTEs; x86-64". Classes, then
    flavours, of the same numbers are one line; of each counter only where it moved most is told."""
    found = [m for name, entry in finding.cost.items() if (m := _moved(name, entry))]
    most = {m.counter: m for m in sorted(found, key=lambda m: abs(m.after - m.before))}
    found = [m for m in found if m.same(most[m.counter])]
    classes: dict[tuple[object, ...], list[str]] = {}
    for m in found:
        classes.setdefault((m.counter, m.before, m.after, m.flavour), []).append(m.folios)
    flavours: dict[tuple[object, ...], list[str]] = {}
    for (counter, before, after, flavour), folios in classes.items():
        flavours.setdefault((counter, before, after, *folios), []).append(str(flavour))
    return tuple(
        f"{counter}: before {before:g}, after {after:g}; {_few([str(f) for f in folios])}; {', '.join(at)}"
        for (counter, before, after, *folios), at in flavours.items()
    )


def moved(finding: Finding) -> tuple[tuple[str, str, str], ...]:
    """(counter, folios, flavour) of all that moved, the largest change first."""
    known = [m for name, entry in finding.cost.items() if (m := _moved(name, entry))]
    known.sort(key=lambda m: -abs(m.after - m.before))
    return tuple((m.counter.removesuffix(" per PTE"), m.folios, m.flavour) for m in known)


def _few(names: list[str]) -> str:
    more = len(names) - 2
    return ", ".join(names[:2]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class _Moved:
    """A counter of a class of folios on a flavour."""

    counter: str
    folios: str
    flavour: str
    before: float
    after: float

    def same(self, other: _Moved) -> bool:
        return (self.counter, self.before, self.after) == (other.counter, other.before, other.after)


def _moved(name: str, entry: object) -> _Moved | None:
    """One entry of a cost, by the name that costs.py gives it (a class may hold a comma); None for what a file
    has that is no count."""
    counter, _, rest = name.partition(", ")
    folios, _, flavour = rest.rpartition(", ")
    sides = [entry.get(side) for side in ("before", "after")] if isinstance(entry, Mapping) else []
    numbers = [n for n in sides if isinstance(n, int | float)]
    return _Moved(counter, folios, flavour, *numbers) if len(numbers) == 2 else None


def _cell(before: float, after: float) -> str:
    return f"{before:g}" if before == after else f"{before:g} \N{RIGHTWARDS ARROW} {after:g}"
