# SPDX-License-Identifier: GPL-2.0-or-later
"""Prose and tables in plain text of 72 columns, as mails on the lists have them."""

from __future__ import annotations

from textwrap import fill

from reviewer.report.states import Gap, Row, Table
from reviewer.report.text import count, one_line

WIDTH = 72
_GAP = "  "


def wrap(text: str, indent: int = 0, width: int = WIDTH) -> str:
    """The paragraph wrapped, later lines indented by so much; a word too long for a line stays whole."""
    later = " " * indent
    return fill(one_line(text), width, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def draw(table: Table) -> str:
    """The table in columns, or with cells below each other when it is too wide; "!" marks a wrong cell."""
    rows = [row for row in table.rows if isinstance(row, Row)]
    marked = [any(row.cells[at].wrong for row in rows) for at in range(len(table.heads))]
    heads = ["", *(_marked(head, False, column) for head, column in zip(table.heads, marked, strict=True))]
    lines = [heads, *(_line(row, marked) for row in table.rows)]
    widths = [max(len(line[at]) for line in lines if at < len(line)) for at in range(len(heads))]
    if len(_GAP) * len(widths) + sum(widths) > WIDTH:
        return _stacked(table)
    drawn = (_GAP.join(text.ljust(width) for text, width in zip(line, widths, strict=False)) for line in lines)
    return "\n".join(_GAP + line.rstrip() for line in drawn)


def _marked(text: str, wrong: bool, column: bool) -> str:
    return f"{'!' if wrong else ' '} {text}" if column else text


def _line(row: Row | Gap, marked: list[bool]) -> list[str]:
    if isinstance(row, Gap):
        return ["...", count(row.hidden, "more row")]
    cells = zip(row.cells, marked, strict=True)
    return [row.label, *(_marked(cell.text, cell.wrong, column) for cell, column in cells)]


def _stacked(table: Table) -> str:
    wide = max(map(len, table.heads))
    lines = []
    for row in table.rows:
        if isinstance(row, Gap):
            lines.append(f"{_GAP}... {count(row.hidden, 'more row')}")
            continue
        lines.append(_GAP + row.label)
        for head, cell in zip(table.heads, row.cells, strict=True):
            if cell.text:
                first, later = f"{_GAP * 2}{head.ljust(wide)} ", " " * (wide + 7)
                text = _marked(cell.text, cell.wrong, True)
                lines.append(fill(text, WIDTH, initial_indent=first, subsequent_indent=later))
    return "\n".join(lines)
