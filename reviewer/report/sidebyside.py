# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of a finding on a terminal: each observable with what every state says of it."""

from __future__ import annotations

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from reviewer.report import states
from reviewer.report.text import count

_JUDGED = (1, 2)  # the columns before and after, which may be wrong


def grid(compared: states.Table) -> Grid:
    """The table; "!" stands before what is wrong."""
    made = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim")
    made.add_column("", no_wrap=True)
    for at, head in enumerate(compared.heads):
        made.add_column(Text(f"  {head}" if at in _JUDGED else head), overflow="fold")
    for row in compared.rows:
        if isinstance(row, states.Gap):
            made.add_row(Text("..."), Text(count(row.hidden, "more row"), style="dim"))
        else:
            label = Text(row.label, style="bold" if row.differs else "dim")
            cells = [_cell(cell, dim=not row.differs) for cell in row.cells]
            marked = (_marked(text, row.cells[at]) if at in _JUDGED else text for at, text in enumerate(cells))
            made.add_row(label, *marked)
    return made


def _cell(cell: states.Cell, *, dim: bool) -> Text:
    words = Text(style="dim" if dim else "")
    for word, odd in cell.words():
        words.append(" " if words else "").append(word, style="bold red" if odd else "")
    return words


def _marked(text: Text, cell: states.Cell) -> Grid:
    # A grid of its own keeps what wraps clear of the mark.
    mark = Grid.grid()
    mark.add_column(width=2)
    mark.add_column()
    mark.add_row(Text("!" if cell.wrong else "", style="bold red"), text)
    return mark
