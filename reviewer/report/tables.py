# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of page tables that are no finding's: an example's states, one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.report.pagefacts import Fact
from reviewer.report.picture import Cell, Line, Picture, Strip
from reviewer.report.runs import Run, runs
from reviewer.report.slots import LETTERS, meanings, signs
from reviewer.report.spans import Column, blocks, folios

_BLOCK = 16  # entries of a contpte block


@dataclass(frozen=True)
class Page:
    """What there is to say of a page."""

    mapcount: int
    exclusive: bool


def tabled(states: Mapping[str, Mapping[int, str]], pages: Mapping[str, Page], marked: int = -1) -> Picture | None:
    """states: the text of each entry by its slot, by the name of the state; pages: by their names, none to leave them
    out; marked: the slot whose entry is not as it should be in the last state. None without any entry."""
    slots = sorted({slot for state in states.values() for slot in state})
    if not slots:
        return None
    rows = [(f"PTE {slot}", tuple(state.get(slot, "") for state in states.values())) for slot in slots]
    joined = list(_joined(rows, pages))
    odd = [run.first <= slots.index(marked) <= run.last if marked in slots else False for run in joined]
    columns = tuple(Column(slots[run.first], slots[run.last]) for run in joined)
    seen = [[signs(text) for text in run.texts] for run in joined]
    above = [next(((e.folio, e.pages) for e in entries if e.folio and not e.kind), ("", "")) for entries in seen]
    cells = [
        tuple(Cell(entries[n], entries[n].what(*page)) for entries, page in zip(seen, above, strict=True))
        for n in range(len(states))
    ]
    cells[-1] = tuple(replace(cell, wrong=wrong) for cell, wrong in zip(cells[-1], odd, strict=True))
    held = [any("c" in entry.letters for entry in entries) for entries in seen]
    lines = tuple(Line(name, told) for name, told in zip(states, cells, strict=True))
    strip = Strip(
        "PTE", columns, tuple(folios(above)), tuple(blocks(columns, held, _BLOCK, 0)), lines, _facts(above, pages)
    )
    legend = meanings(entry for entries in seen for entry in entries)
    return Picture("", (strip,), (), "".join(sign for sign, _ in legend if sign in LETTERS), legend, "", 0)


def _joined(rows: Sequence[tuple[str, tuple[str, ...]]], pages: Mapping[str, Page]) -> Iterator[Run]:
    """Runs of like entries that map pages of which alike is said, within one block."""
    first = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or _said(rows[at], pages) != _said(rows[first], pages) or _begins(rows[at]):
            for run in runs(rows[first:at]):
                yield Run(first + run.first, first + run.last, run.label, run.texts)
            first = at


def _begins(row: tuple[str, tuple[str, ...]]) -> bool:
    """Whether a contpte block begins there."""
    return int(row[0].split()[1]) % _BLOCK == 0 and any(text.endswith(" cont") for text in row[1])


def _said(row: tuple[str, tuple[str, ...]], pages: Mapping[str, Page]) -> Page | None:
    return next((pages[word] for text in row[1] for word in text.split() if word in pages), None)


def _facts(above: Sequence[tuple[str, str]], pages: Mapping[str, Page]) -> tuple[Fact, ...]:
    of = [pages.get(f"{folio}[{span.partition('.')[0]}]") for folio, span in above]
    if not any(of):
        return ()
    exclusive = tuple("" if p is None else "yes" if p.exclusive else "no" for p in of)
    counts = tuple("" if p is None else str(p.mapcount) for p in of)
    none = (False,) * len(of)
    return Fact("AnonExclusive", exclusive, none), Fact("mapcount", counts, none)
