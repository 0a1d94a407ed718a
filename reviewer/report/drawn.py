# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture in plain text of 72 columns: terminals and mails show it alike.

"!" stands before what is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from reviewer.report.picture import Cell, Note, Picture, Strip
from reviewer.report.slots import MISSING

WIDTH = 72
_FOLDED = ".."


def text(picture: Picture) -> list[str]:
    """The lines of a picture, none wider than WIDTH and none with a blank at its end."""
    lines = [f"VMA  {picture.vma}"] if picture.vma else []
    for strip in picture.strips:
        lines += _strip(strip, picture.used)
    for note in picture.notes:
        lines += _wrapped(_note(note))
    if picture.like:
        lines.append(f"The code {picture.like} the patch leaves what should be.")
    if picture.legend:
        lines += _wrapped("; ".join(f"{sign} {meaning}" for sign, meaning in picture.legend), 0)
    return [line.rstrip() for line in lines]


def _note(note: Note) -> str:
    if [state for state, _, _ in note.values] == [""]:
        return f"{note.label}: {note.values[0][1]}"
    values = (f"{'! ' if wrong else ''}{state} {told}" for state, told, wrong in note.values)
    return f"{note.label}: {'; '.join(values)}"


def _wrapped(line: str, indent: int = 2) -> list[str]:
    return fill(line, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False).split("\n")


def _strip(strip: Strip, used: str) -> list[str]:
    """One page table: the widest choice of columns that fits, those beside what is marked first."""
    every = range(len(strip.columns))
    marked = [at for at in every if strip.marked(at)] or [0]
    lines: list[str] = []
    for near in (len(every), 3, 2, 1, 0):
        kept = [at for at in every if any(abs(at - m) <= near for m in marked)]
        lines = _grid(strip, used, kept)
        if max(map(len, lines)) <= WIDTH:
            return lines
    kept = marked
    while len(kept) > 1 and max(map(len, lines)) > WIDTH:
        kept = kept[:-1]
        lines = _grid(strip, used, kept)
    return [line[:WIDTH] for line in lines]


def _grid(strip: Strip, used: str, kept: Sequence[int]) -> list[str]:
    shown = _with_gaps(kept, len(strip.columns))
    rows = [(strip.name, [_head(strip, at) for at in shown])]
    if strip.folios:
        rows.append(("page", [_page(strip, at) for at in shown]))
    for line in strip.lines:
        if not line.ended:
            rows.append((line.name, [_cell(line.cells[at], used) if at is not None else "" for at in shown]))
        else:
            rows.append((line.name, [f" {line.ended}"]))
    for fact in strip.facts:
        texts = (("!" if fact.wrong[at] else " ") + fact.texts[at] if at is not None else "" for at in shown)
        rows.append((fact.name, list(texts)))
    wide = max(*(len(name) for name, _ in rows), len("contpte") * bool(strip.blocks))
    tabled = [cells for _, cells in rows if len(cells) == len(shown)]
    widths = [max(len(cells[n]) for cells in tabled) for n in range(len(shown))]
    lines = []
    for name, cells in rows:
        lines.append(f"{name.ljust(wide)} " + " ".join(c.ljust(w) for c, w in zip(cells, widths, strict=False)))
    if strip.blocks:
        lines.insert(1, _blocks(strip, shown, widths, wide))
    return [line.rstrip() for line in lines]


def _with_gaps(kept: Sequence[int], total: int) -> list[int | None]:
    """The columns, with None where others are left out."""
    shown: list[int | None] = []
    last = -1
    for at in kept:
        if at > last + 1:
            shown.append(None)
        shown.append(at)
        last = at
    if last + 1 < total:
        shown.append(None)
    return shown


def _head(strip: Strip, at: int | None) -> str:
    return f" {strip.columns[at].label}" if at is not None else _FOLDED


def _page(strip: Strip, at: int | None) -> str:
    for folio in strip.folios:
        if at is not None and folio.first <= at <= folio.last:
            return f" {folio.name}[{folio.pages[at - folio.first]}]"
    return ""


def _cell(cell: Cell, used: str) -> str:
    mark = "!" if cell.wrong else " "
    if cell.entry.kind == MISSING and not cell.entry.text:
        return f"{mark}?" if cell.wrong else ""
    bits = cell.entry.bits(used)
    return mark + " ".join(filter(None, (cell.what, bits)))


def _blocks(strip: Strip, shown: Sequence[int | None], widths: Sequence[int], wide: int) -> str:
    """Contpte blocks as brackets over their columns."""
    line = [" "] * (wide + 1 + sum(widths) + len(widths))
    ends, at = {}, wide + 1
    for column, width in zip(shown, widths, strict=True):
        if column is not None:
            ends[column] = (at, at + width - 1)
        at += width + 1
    for block in strip.blocks:
        inside = [ends[c] for c in range(block.first, block.last + 1) if c in ends]
        if inside:
            first, last = inside[0][0], inside[-1][1]
            line[first : last + 1] = f"[{block.name[: last - first - 1].center(last - first - 1, '-')}]"
    return "contpte".ljust(wide + 1) + "".join(line[wide + 1 :])
