"""The report on a terminal: the verdict first, then each finding, then what was and was not exercised.

Plain text says all of it too: a wrong cell carries a "!", colour and weight only repeat that.
"""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.table import Table as Grid
from rich.text import Text

from reviewer.model import Finding, FunctionReview, Review
from reviewer.report import counted, partial, since, view
from reviewer.report.places import called, mended
from reviewer.report.text import count, one_line, printable

_COLOURS = {"clean": "green", "findings": "red", "inconclusive": "yellow", "not-applicable": "cyan"}
_ALL = 1000  # rows of a replay
_ROWS = 24
_JUDGED = (1, 2)  # the columns before and after, which may be wrong
_WIDE = 100


def console(stream: TextIO) -> Console:
    """A console that prints text as it is: no markup, no emoji, nothing highlighted by guesswork."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def render(review: Review, out: Console, *, preexisting: bool = False) -> None:
    """Print the whole report. preexisting: with all that was wrong before."""
    safe, older = view.shown(printable(review), preexisting)
    verdict = Text(safe.verdict.upper(), style=f"bold {_COLOURS[safe.verdict]}")
    out.print(verdict.append(f": {view.verdict(safe)}", style="not bold default"))
    series = safe.series
    head = f"{one_line(series.subject)} (v{series.version}, {partial.size(series)})"
    out.print(Text("\n".join(filter(None, (head, view.place(safe), partial.unseen(series), since.since(safe))))))
    for relation, heading in partial.headings(series).items():
        found = view.of_relation(safe, relation)
        if found:
            _heading(out, heading)
        for at, known in enumerate(found):
            _finding(known, safe, out, first=at == 0)
    for heading, departed in since.departed(safe):
        _heading(out, heading)
        for finding in departed:
            out.print(Text(since.departed_line(finding)))
            _indent(out, finding.id)
    if older:
        out.print(Text(f"\n{older}"))
    _functions(safe, out)


def _heading(out: Console, text: str) -> None:
    out.print()
    out.print(Line(Text(text, style="bold"), align="left", style="dim", characters="-"))


def _indent(out: Console, text: Text | str, by: int = 2) -> None:
    out.print(Padding(text if isinstance(text, Text) else Text(text), (0, 0, 0, by), expand=False))


def _finding(finding: Finding, review: Review, out: Console, *, first: bool) -> None:
    if not first:
        out.print()
    out.print(Text.assemble((finding.rule, "bold magenta"), " ", (view.title(finding), "bold")))
    _indent(out, f"{view.origin(finding, review)}; severity {finding.severity}; {finding.id}")
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    _indent(out, f"{called(finding)} in {where}; {view.seen(finding)}")
    out.print()
    _indent(out, finding.summary)
    if given := view.given(finding):
        _indent(out, Text(f"with {given}", style="dim"))
    compared = view.table(finding, limit=_ROWS)
    compared = view.narrow(compared) if out.width < _WIDE else compared
    if compared.rows:
        out.print(Padding(_grid(compared), (0, 0, 0, 1), expand=False))
    else:
        out.print()
    for line in counted.costs(finding):
        _indent(out, line)
    _indent(out, " ".join(filter(None, (finding.explanation, mended(finding)))))
    for known in finding.precedents:
        _indent(out, f"seen before: {known}")
    if finding.replay:
        _indent(out, Text.assemble("again: ", (finding.replay, "cyan")))


def render_finding(finding: Finding, out: Console) -> None:
    """One finding alone, its whole table: what replay shows."""
    out.print(Text.assemble((finding.rule, "bold magenta"), " ", (view.title(finding), "bold")))
    _indent(out, finding.summary)
    compared = view.table(finding, whole=True, limit=_ALL)
    out.print(Padding(_grid(compared), (0, 0, 0, 1), expand=False))
    for line in counted.costs(finding):
        _indent(out, line)


def _grid(compared: view.Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim")
    grid.add_column("", no_wrap=True)
    for at, head in enumerate(compared.heads):
        grid.add_column(Text(f"  {head}" if at in _JUDGED else head), overflow="fold")
    for row in compared.rows:
        if isinstance(row, view.Gap):
            grid.add_row(Text("..."), Text(count(row.hidden, "more row"), style="dim"))
        else:
            label = Text(row.label, style="bold" if row.differs else "dim")
            cells = [_cell(cell, dim=not row.differs) for cell in row.cells]
            marked = (_marked(text, row.cells[at]) if at in _JUDGED else text for at, text in enumerate(cells))
            grid.add_row(label, *marked)
    return grid


def _cell(cell: view.Cell, *, dim: bool) -> Text:
    words = Text(style="dim" if dim else "")
    for word, odd in cell.words():
        words.append(" " if words else "").append(word, style="bold red" if odd else "")
    return words


def _marked(text: Text, cell: view.Cell) -> Grid:
    # A grid of its own keeps what wraps clear of the mark.
    mark = Grid.grid()
    mark.add_column(width=2)
    mark.add_column()
    mark.add_row(Text("!" if cell.wrong else "", style="bold red"), text)
    return mark


def _functions(review: Review, out: Console) -> None:
    """What ran and how far, and what did not and why."""
    entries = [(patch.index, function) for patch in review.patches for function in patch.functions]
    for holds, heading in (
        (view.exercised, "Exercised"),
        (view.settled, "Not run, and nothing open"),
        (lambda f: not view.exercised(f) and not f.settled, "Not exercised"),
    ):
        listed = [(index, function) for index, function in entries if holds(function)]
        if listed:
            _heading(out, heading)
        for index, function in listed:
            _function(f"{index}/{review.series.total}", function, out)


def _function(patch: str, function: FunctionReview, out: Console) -> None:
    through = f", through {function.entry}()" if function.entry not in ("", function.name) else ""
    status = Text(view.claim(function), style="green" if function.settled else "yellow")
    out.print(Text.assemble(f"{patch} ", (called(function), "bold"), f" in {function.file}{through}: ", status))
    if function.why:
        _indent(out, function.why, 4)
    if view.exercised(function):
        _indent(out, f"{view.coverage(function)}; {count(function.scenarios, 'scenario')}", 4)
        if function.exhaustive:
            _indent(out, f"exhaustive: {function.exhaustive}", 4)
        asked = f"; not asked: {', '.join(function.not_asked)}" if function.not_asked else ""
        _indent(out, f"on {', '.join(function.flavours)}; stubs: {', '.join(function.stubs) or 'none'}{asked}", 4)
