# SPDX-License-Identifier: GPL-2.0-or-later
"""The page table of a finding as one picture: PTEs as columns, states as rows. drawn.py and svg.py draw it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oracle.flavours import DEFAULT, FLAVOURS, Flavour
from oracle.wire import scenario
from reviewer.model import Finding, State
from reviewer.report.pagefacts import Fact, Said, facts
from reviewer.report.slots import LETTERS, Signs, letters, meanings, signs
from reviewer.report.spans import END, Column, Span, blocks, folios
from reviewer.report.states import StateRow, narrow, table
from reviewer.report.wanted import MAY_DIFFER, MAY_GAIN

_ALL = 1 << 20
_ENTRY = re.compile(r"(PTE|new PTE|child PTE) (-?\d+)(?:\.\.(-?\d+))?")
_ALWAYS = ("folio ",)


@dataclass(frozen=True)
class Cell:
    """What one state has in a column. what: in short what it points to, "" for the page in the bracket above it; odd:
    the letters that are not as they should be, none of them where it is another thing altogether."""

    entry: Signs
    what: str = ""
    wrong: bool = False
    odd: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One state of a strip. ended: how the run ended instead, "" when it returned."""

    name: str
    cells: tuple[Cell, ...]
    ended: str = ""


@dataclass(frozen=True)
class Strip:
    """One page table, or the child's, or the one that entries moved to."""

    name: str
    columns: tuple[Column, ...]
    folios: tuple[Span, ...]
    blocks: tuple[Span, ...]
    lines: tuple[Line, ...]
    facts: tuple[Fact, ...]

    def marked(self, column: int) -> bool:
        """Whether anything in a column is not as it should be."""
        return any(line.cells[column].wrong for line in self.lines if line.cells) or any(
            fact.wrong[column] for fact in self.facts
        )


@dataclass(frozen=True)
class Note:
    """Another observable: (state, text, not as it should be), once where all say alike."""

    label: str
    values: tuple[tuple[str, str, bool], ...]

    @property
    def wrong(self) -> bool:
        return any(wrong for _, _, wrong in self.values)


@dataclass(frozen=True)
class Picture:
    """vma: what it maps and where; used: the letters whose places are drawn; legend: (sign, meaning); like: the side
    that leaves what should be, so that it has no row of its own; hidden: how many observables are not shown."""

    vma: str
    strips: tuple[Strip, ...]
    notes: tuple[Note, ...]
    used: str
    legend: tuple[tuple[str, str], ...]
    like: str
    hidden: int


@dataclass(frozen=True)
class _States:
    """The states that are drawn: name, and which cell of a row it is; ended by name."""

    names: tuple[str, ...]
    at: tuple[int, ...]
    ended: Mapping[str, str]
    of: tuple[State | None, ...]


def picture(finding: Finding, *, whole: bool = False) -> Picture | None:
    """The picture of a finding, None where it has no table. whole: with every other observable."""
    compared = table(finding, whole=True, limit=_ALL)
    rows = [row for row in compared.rows if isinstance(row, StateRow)]
    states, like = _states(finding, narrow(compared).heads)
    named: dict[str, list[tuple[Column, StateRow]]] = {}
    others = []
    zero, slots = _start(finding), 1 << (_flavour(finding).page_shift - 3)
    for row in rows:
        if match := _ENTRY.fullmatch(row.label):
            first, last = int(match[2]), int(match[3] or match[2])
            ends = match[1] == "PTE" and (zero + last + 1) % slots == 0
            named.setdefault(match[1], []).append((Column(first, last, ends), row))
        else:
            others.append(row)
    if not named:
        return None
    strips = tuple(_strip(finding, name, columns, states, rows) for name, columns in named.items())
    entries = [cell.entry for strip in strips for line in strip.lines for cell in line.cells]
    ends = any(column.ends for strip in strips for column in strip.columns)
    legend = (*meanings(entries), *([(END, "the page table ends")] if ends else []))
    notes = [_note(row, states) for row in others if row.label not in ("VMA", "ends")]
    pages = {f"page {folio.name}[" for strip in strips for folio in strip.folios if strip.facts}
    notes = [n for n in notes if whole or not n.label.startswith(tuple(pages) or "\0")]
    kept = [n for n in notes if whole or n.wrong or n.label.startswith(_ALWAYS)]
    vma = next((row.cells[0].text for row in others if row.label == "VMA"), "")
    vma += "".join(f", {row.label} {row.cells[0].text}" for row in others if row.label.startswith("PMD of "))
    inside = [n for c, _ in named.get("PTE", ()) for n in range(slots - zero - 1, c.last, slots) if c.first <= n]
    vma += "".join(f"{', ' if vma else ''}page table to PTE {n}" for n in inside[:1])
    used = "".join(sign for sign, _ in legend if sign in LETTERS)
    return Picture(vma, strips, tuple(kept), used, legend, like, len(notes) - len(kept))


def _states(finding: Finding, heads: Sequence[str]) -> tuple[_States, str]:
    """The states with a row of their own, and the side that leaves what should be."""
    sides = {"before": finding.before, "after": finding.after}
    found: list[tuple[str, int, State | None]] = [("start", 0, None)]
    source = finding.reference.source if finding.reference else ""
    should = "batch=1" if source and source != "reference" else "should be"
    like = next((head.split(",")[0] for head in heads if ", " in head), "")
    if like:
        found.append((should, 1 + (like == "after"), sides[like]))
    elif finding.reference is not None:
        found.append((should, 3, finding.reference))
    found += [(name, 1 + (name == "after"), side) for name, side in sides.items() if name != like]
    ended = {name: side.ending for name, _, side in found if side is not None and side.ending != "returned"}
    names, at, of = zip(*found, strict=True)
    return _States(names, at, ended, of), like


def _strip(
    finding: Finding, name: str, columns: Sequence[tuple[Column, StateRow]], states: _States, rows: Sequence[StateRow]
) -> Strip:
    listed = tuple(column for column, _ in columns)
    seen = [[signs(row.cells[at].text) for at in states.at] for _, row in columns]
    pages = [next(((e.folio, e.pages) for e in entries if e.folio and not e.kind), ("", "")) for entries in seen]
    lines = []
    for n, (state, at) in enumerate(zip(states.names, states.at, strict=True)):
        cells = (
            _cell(entries, n, row.cells[at].wrong, page)
            for entries, (_, row), page in zip(seen, columns, pages, strict=True)
        )
        ended = states.ended.get(state, "")
        lines.append(Line(state, () if ended else tuple(cells), ended))
    if name != "PTE":  # nothing was there
        lines = lines[any(cell.entry.text for cell in lines[0].cells) ^ 1 :]
    return Strip(
        name, listed, tuple(folios(pages)), tuple(_blocks(finding, name, listed, seen)), tuple(lines),
        tuple(facts(finding, pages, _told(finding, states), rows)),
    )  # fmt: skip


def _told(finding: Finding, states: _States) -> Said:
    """What each state that is drawn says of all else."""
    start = {str(label): str(text) for label, text in finding.scenario.get("rows", {}).items()}
    told = zip(states.names, states.of, strict=True)
    return [(name, start if of is None else of.rows) for name, of in told if name not in states.ended]


def _cell(entries: Sequence[Signs], at: int, wrong: bool, page: tuple[str, str]) -> Cell:
    entry = entries[at]
    right = entries[1] if len(entries) > 1 and at != 1 else entries[-1]
    same = (entry.kind, entry.folio, entry.pages) == (right.kind, right.folio, right.pages)
    odd = entry.letters ^ right.letters if wrong and same else frozenset()
    odd = odd - letters(MAY_DIFFER) - (letters(MAY_GAIN) - right.letters) or odd
    return Cell(entry, entry.what(*page), wrong, odd)


def _blocks(finding: Finding, name: str, columns: Sequence[Column], seen: Sequence[Sequence[Signs]]) -> Iterator[Span]:
    """The blocks at the start, or in the first state that has any."""
    state = next((n for n in range(len(seen[0])) if any("c" in entries[n].letters for entries in seen)), None)
    if state is not None:
        held = ["c" in entries[state].letters for entries in seen]
        yield from blocks(columns, held, _flavour(finding).cont_ptes, _start(finding) if name == "PTE" else None)


def _flavour(finding: Finding) -> Flavour:
    return FLAVOURS.get(str(finding.scenario.get("flavour", "")), FLAVOURS[DEFAULT[0]])


def _start(finding: Finding) -> int:
    """The slot of PTE 0."""
    exact = finding.scenario.get("exact", {})
    try:
        return scenario(str(exact["numbers"])).start
    except (KeyError, TypeError, ValueError):
        return 0


def _note(row: StateRow, states: _States) -> Note:
    values = [(name, row.cells[at].text, row.cells[at].wrong) for name, at in zip(states.names, states.at, strict=True)]
    nothing = ("", "-") if row.label == "rules broken" else ("",)
    told = [(name, text, wrong) for name, text, wrong in values if text not in nothing and name not in states.ended]
    alike = len({text for _, text, _ in told}) == 1 and not any(wrong for _, _, wrong in told)
    return Note(row.label, (("", told[0][1], False),) if alike else tuple(told))
