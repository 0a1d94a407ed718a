# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows of a state are about: which of them a rule or a difference speaks of.

A run that is wrong often leaves several rows wrong. The one to show is that which the rule at fault reads, at the entry
where it broke; the others come of it, or happen to differ as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oracle.differences import DIFFERENCES
from oracle.explain.calls import other_tables
from oracle.explain.refine import Row, split
from oracle.explain.rows import page_name
from oracle.explain.start import PFN_BASE
from oracle.rules import reads as reads_of
from oracle.runner import Hit, Outcome
from oracle.wire import Scenario

_OF_PAGES = ("page", "folio")
_NUMBERED = re.compile(r"\b(refs|mapcount|count|not) (-?\w+)")


@dataclass(frozen=True)
class Focus:
    """What a hit is about. reads: facets, none for any; at: labels of the entries or pages where it shows, the first
    one first; near: those of what these map."""

    reads: frozenset[str] | None
    at: tuple[str, ...] = ()
    near: frozenset[str] = frozenset()

    def told(self, row: Row) -> bool:
        """Whether the row is about it."""
        return self.reads is not None and not self.reads.isdisjoint(facets(row))

    def here(self, row: Row) -> bool:
        """Whether the row is of the place where it shows, and may tell of it."""
        return row.label in self.at and (self.reads is None or bool(self.reads))

    def key(self, row: Row) -> tuple[bool, bool]:
        """Sort key: the row of the place, then those that are about it."""
        told = self.told(row)
        return not (self.here(row) or (told and row.label in self.near)), not told


def focus(entry: str, scenario: Scenario, outcome: Outcome, hit: Hit, side: str, slots: int) -> Focus:
    """The focus of a hit. side: the run that is wrong; slots: entries of a page table."""
    reads = reads_of(hit.what) if hit.is_violation else DIFFERENCES[hit.what].reads
    if hit.is_violation:
        places = [outcome.sides[side].violated.get(hit.what, (-1, 0))[0]]
    else:
        key = {"batch": f"batch-{side}", "unbatch": f"batch-{side}"}.get(hit.relation, "pair")
        places = [at for what, at in outcome.codes.get(key, ()) if what == hit.what and (reads is None or reads)]
    pages = not hit.is_violation and any(facet.startswith(_OF_PAGES) for facet in reads or ())
    at = [_page(scenario, n) if pages else _entry(entry, scenario, n, slots) for n in places if n >= 0]
    rows = outcome.sides[side].rows
    return Focus(
        None if reads is None else frozenset(reads),
        tuple(at),
        frozenset(x for label in at for x in _mapped(label, rows.get(label, ""))),
    )


def _page(scenario: Scenario, number: int) -> str:
    return f"page {page_name(scenario, PFN_BASE + number)}"


def _entry(entry: str, scenario: Scenario, slot: int, slots: int) -> str:
    """The label of a slot of the four tables, as world/rows.c writes it."""
    if slot < 2 * slots:
        return f"PTE {slot - scenario.start}"
    label, zero = other_tables(entry, scenario, slots)
    return f"{label} {slot - 2 * slots - zero}"


def _mapped(label: str, text: str) -> Iterator[str]:
    """The rows of the page that an entry maps, or that a row is about."""
    name = (
        label.removeprefix("page ")
        if label.startswith("page ")
        else split(text.removesuffix(" cont"))[0].split(" ")[-1]
    )
    if "[" in name:
        yield from (f"page {name}", f"folio {name.partition('[')[0]}")


def facets(row: Row) -> frozenset[str]:
    """What of a row is wrong: "PTE rw", "page exclusive", "folio refs"; its kind alone as well. Of an entry that maps
    something else only that: its bits are not those of the other."""
    kind = "PTE" if "PTE " in row.label else row.label.removeprefix("child ").split(" ", 1)[0]
    if kind == "PTE":
        (place, was), (there, now) = (split(text.replace(" cont", "") or "none") for text in (row.reference, row.real))
        cont = {"cont"} if row.reference.endswith(" cont") != row.real.endswith(" cont") else set()
        wrong = {"maps"} if place != there else {*(was ^ now), *cont}
    else:
        right, real = _parts(row.reference), _parts(row.real)
        wrong = {name for name in {*right, *real} if right.get(name) != real.get(name)}
    rest = {row.label.removeprefix("child ")} if kind in {"rss", "swap"} else set()
    return frozenset({kind, *(f"{kind} {name}" for name in wrong), *rest})


def apart(row: Row) -> tuple[str, str]:
    """What is right and what there is, of a folio or page only what differs: "not lazyfree", "refs 4, dirty"."""
    if not row.label.startswith(_OF_PAGES) or not (row.reference and row.real):
        return row.reference, row.real
    sides = [_parts(text) for text in (row.reference, row.real)]
    names = [name for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name)]
    right, real = (", ".join(_said(name, side.get(name, "off")) for name in names) for side in sides)
    return right, real


def _said(name: str, value: str) -> str:
    if value == "off":
        return f"not {name}"
    return name if value == name else f"{name} {value}"


def _parts(text: str) -> Mapping[str, str]:
    """Numbers by their names, and flags: "refs 3", "dirty"; "not mlocked" is that flag off."""
    found = {(b if a == "not" else a): ("off" if a == "not" else b) for a, b in _NUMBERED.findall(text)}
    return {word: word for word in _NUMBERED.sub("", text).replace(",", " ").split()} | found
