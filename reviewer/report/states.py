# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding's states as rows: what each observable was at the start and is on both sides, and what had to be left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oracle import results
from oracle.rules import reads as reads_of
from reviewer.model import Finding
from reviewer.report.runs import runs
from reviewer.report.wanted import MAY_DIFFER, MAY_GAIN, alike, says, wanted

_MISSING = "-"
_STARTS = ("VMA",)  # told of the start alone, which no run changes
_UNTOLD = ("stub calls", "result ", "returns", "ordered by ")  # may be nothing that the reference knows
_MAY = frozenset(f"PTE {word}" for word in MAY_DIFFER | MAY_GAIN)


@dataclass(frozen=True)
class Cell:
    """One entry of a table. wrong: not as expected; odd: the words of it that are not expected."""

    text: str
    wrong: bool = False
    odd: tuple[str, ...] = ()

    def words(self) -> tuple[tuple[str, bool], ...]:
        """The words in order, each with whether it is to be emphasised."""
        return tuple((word, word in self.odd) for word in self.text.split())


@dataclass(frozen=True)
class StateRow:
    """One observable; differs when any of its cells is wrong."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return any(cell.wrong for cell in self.cells)


@dataclass(frozen=True)
class Gap:
    """Rows left out of a table, since nothing differs there or there is no room."""

    hidden: int


@dataclass(frozen=True)
class Table:
    """A finding side by side: the start, both sides, and the reference when there is one."""

    heads: tuple[str, ...]
    rows: tuple[StateRow | Gap, ...]


def table(finding: Finding, *, whole: bool = False, limit: int = 64) -> Table:
    """The page table with like rows joined, and of the rest the rows that differ; at most limit rows.

    whole: all rows. When a side did not return there is little to compare, and the start is shown whole.
    """
    start = {str(label): str(entry) for label, entry in finding.scenario.get("rows", {}).items()}
    sides = [finding.before, finding.after, *([finding.reference] if finding.reference else [])]
    returned = all(side.ending == "returned" for side in sides)
    entry = str(finding.scenario.get("entry", ""))
    told = results.abreast(entry, [side.rows for side in sides])
    shown = told if returned else [{"ends": s.ending, **rows} for s, rows in zip(sides, told, strict=True)]
    ends = () if returned else ("ends",)
    labels = dict.fromkeys((*ends, *start, *(label for rows in shown for label in rows)))
    exact = [_row(finding, label, start, shown, exact=True) for label in labels]
    loose = [_row(finding, label, start, shown, exact=False) for label in labels]
    at_all = any(row.differs for row in loose if "PTE" in row.label)
    rows = _join(exact if not at_all and _about_these(finding) else loose)
    differs = any(row.differs for row in rows)
    wanted = {
        at
        for at, row in enumerate(rows)
        if whole or row.differs or (differs and _is_table(row)) or (row.cells[0].text and not returned)
    }
    heads = ("start", "before", "after", *([finding.reference.source or "batch=1"] if finding.reference else []))
    return Table(heads, _cut(rows, wanted, limit))


def _about_these(finding: Finding) -> bool:
    """Whether it is about what an entry may otherwise be, or about any difference."""
    reads = reads_of(finding.rule) or frozenset()
    return finding.kind == "behaviour" or not reads.isdisjoint({"PTE", *_MAY})


def narrow(wide: Table) -> Table:
    """The table without its reference column, when that says the same as before or after throughout."""
    rows = [row for row in wide.rows if isinstance(row, StateRow) and not _untold(row)]
    same = says if wide.heads[3:] == ("reference",) else str.__eq__
    for column in (1, 2) if len(wide.heads) == 4 else ():
        if all(same(row.cells[column].text, row.cells[3].text) for row in rows):
            heads = [f"{head}, {wide.heads[3]}" if at == column else head for at, head in enumerate(wide.heads)]
            cut = (StateRow(row.label, row.cells[:3]) if isinstance(row, StateRow) else row for row in wide.rows)
            return Table(tuple(heads[:3]), tuple(cut))
    return wide


def _untold(row: StateRow) -> bool:
    return row.label.startswith(_UNTOLD) and row.cells[-1].text == _MISSING


def _row(
    finding: Finding, label: str, start: Mapping[str, str], shown: list[dict[str, str]], *, exact: bool
) -> StateRow:
    """exact: what entries may be otherwise counts, too."""
    texts = ["" if label in _STARTS else rows.get(label, _MISSING) for rows in shown]
    before, after = texts[0], texts[1]
    nobodys = texts[2:] == [_MISSING] and label.startswith(_UNTOLD) and finding.kind != "behaviour"
    want_before, want_after = (before, after) if nobodys else wanted(finding, texts)
    cells = [Cell(start.get(label, ""))]
    for side, text, want in ((finding.before, before, want_before), (finding.after, after, want_after)):
        # A side that crashed has no rows to be wrong: its ending is.
        lost = text == _MISSING and side.ending != "returned"
        may = not exact and "PTE" in label and _MISSING not in (text, want) and alike(text, want)
        cells.append(Cell(text) if text == want or lost or may else _wrong(text, want))
    return StateRow(label, (*cells, *map(Cell, texts[2:])))


def _wrong(text: str, want: str) -> Cell:
    odd = tuple(word for word in text.split() if word not in want.split())
    telling = tuple(word for word in odd if word not in MAY_DIFFER | MAY_GAIN)
    return Cell(text, True, telling or odd or tuple(text.split()))


def _is_table(row: StateRow) -> bool:
    """Whether a row shows what lies in a page table, what folio that is, or in which VMA."""
    return row.label.startswith(("folio ", *_STARTS)) or (
        "PTE" in row.label and any(c.text not in ("", "none", _MISSING) for c in row.cells)
    )


def _join(rows: list[StateRow]) -> list[StateRow]:
    """Like neighbours as one row; a join takes its marks from the first, which the others are like."""
    joined = []
    for run in runs([(row.label, tuple(c.text for c in row.cells)) for row in rows]):
        first = rows[run.first]
        cells = tuple(
            Cell(text, cell.wrong, _spread(cell.odd, text)) for cell, text in zip(first.cells, run.texts, strict=True)
        )
        joined.append(StateRow(run.label, cells))
    return joined


def _spread(odd: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The odd words of a cell after joining: page numbers became ranges."""
    return tuple(word for word in text.split() if word in odd or any("[" in o and "[" in word for o in odd))


def _cut(rows: list[StateRow], wanted: set[int], limit: int) -> tuple[StateRow | Gap, ...]:
    kept = sorted(wanted)[:limit]
    cut: list[StateRow | Gap] = []
    last = -1
    for at in kept:
        if at > last + 1:
            cut.append(Gap(at - last - 1))
        cut.append(rows[at])
        last = at
    if kept and last + 1 < len(rows):
        cut.append(Gap(len(rows) - last - 1))
    return tuple(cut)
