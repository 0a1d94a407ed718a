# SPDX-License-Identifier: GPL-2.0-or-later
"""The report on a terminal: the verdict first, then each finding, then what was and was not exercised.

Plain text says all of it too: what is wrong carries a "!", colour and weight only repeat that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule as Line
from rich.text import Text

from reviewer.model import Finding, Review
from reviewer.report import brief, confirmed, counted, covered, partial, related, since, states, view
from reviewer.report.places import called, mended
from reviewer.report.sidebyside import grid
from reviewer.report.text import one_line, printable

_COLOURS = {"clean": "green", "findings": "red", "inconclusive": "yellow", "not-applicable": "cyan"}
_ALL = 1000  # rows of a finding that is shown whole
_WIDE = 100


@dataclass(frozen=True)
class Detail:
    """How much of a review. preexisting: with all that was wrong before; whole: each finding with its table and
    explanation, each function with how far it ran; only: the verdict and the findings, nothing else. file: where the
    review is kept as JSON, "" when it is not."""

    preexisting: bool = False
    whole: bool = False
    only: bool = False
    file: str = ""


def render(review: Review, out: Console, how: Detail | None = None) -> None:
    """Print the report."""
    how = how or Detail()
    safe, older = view.shown(printable(review), how.preexisting)
    _head(safe, out)
    for relation, heading in partial.headings(safe.series).items():
        _findings(heading, related.lasting(safe, relation), safe, out, how)
    if passing := related.transient(safe):
        _heading(out, "Introduced, and mended by a later patch")
    for finding in passing:
        out.print(Text(brief.passing(finding, safe)), soft_wrap=True)
    for heading, departed in since.departed(safe):
        _heading(out, heading)
        for gone in departed:
            out.print(Text(since.departed_line(gone)))
            _indent(out, gone.id)
    if older:
        out.print(Text(f"\n{older}"))
    if safe.findings and not (how.file or how.only):
        out.print(Text(f"\nWith --json {brief.ANY} the review is kept for replay and explain.", style="dim"))
    if not how.only:
        covered.functions(safe, out, whole=how.whole, heading=_heading)


def _head(review: Review, out: Console) -> None:
    verdict = Text(review.verdict.upper(), style=f"bold {_COLOURS[review.verdict]}")
    out.print(verdict.append(f": {view.verdict(review)}", style="not bold default"))
    series = review.series
    head = f"{one_line(series.subject)} (v{series.version}, {partial.size(series)})"
    out.print(Text("\n".join(filter(None, (head, view.place(review), partial.unseen(series), since.since(review))))))


def _findings(heading: str, found: tuple[Finding, ...], review: Review, out: Console, how: Detail) -> None:
    if found:
        _heading(out, heading)
    for at, finding in enumerate(found):
        if at:
            out.print()
        if how.whole:
            _whole(finding, review, out, how.file)
        else:
            for line in brief.lines(finding, review, out.width, how.file):
                out.print(line, soft_wrap=True)


def _heading(out: Console, text: str) -> None:
    out.print()
    out.print(Line(Text(text, style="bold"), align="left", style="dim", characters="-"))


def _indent(out: Console, text: Text | str, by: int = 2) -> None:
    out.print(Padding(text if isinstance(text, Text) else Text(text), (0, 0, 0, by), expand=False))


def _whole(finding: Finding, review: Review, out: Console, file: str) -> None:
    out.print(brief.title(finding))
    _indent(out, f"{view.origin(finding, review)}; severity {finding.severity}; {finding.id}")
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    _indent(out, f"{called(finding)} in {where}; {view.seen(finding)}")
    out.print()
    _body(finding, out)
    for known in finding.precedents:
        _indent(out, f"seen before: {known}")
    for line in brief.pointers(finding, file):
        _indent(out, Text(line, "cyan"))


def _body(finding: Finding, out: Console) -> None:
    """What happens, in words, as a picture and in numbers, and why."""
    _indent(out, finding.summary)
    if given := view.given(finding):
        _indent(out, Text(f"with {given}", style="dim"))
    if finding.kind != "cost":  # which both sides do alike
        for drawn in brief.drawing(finding):
            out.print(drawn, soft_wrap=True)
        _table(finding, out)
    for line in counted.costs(finding):
        _indent(out, line)
    if why := " ".join(filter(None, (finding.explanation, mended(finding)))):
        _indent(out, why)
    if told := confirmed.sentence(finding):
        _indent(out, told)


def _table(finding: Finding, out: Console) -> None:
    compared = states.table(finding, whole=True, limit=_ALL)
    compared = states.narrow(compared) if out.width < _WIDE else compared
    if compared.rows:
        out.print(Padding(grid(compared), (0, 0, 0, 1), expand=False))


def render_finding(finding: Finding, out: Console, *, explained: bool = False) -> None:
    """One finding alone, its whole table: what replay shows. explained: with why."""
    out.print(brief.title(finding))
    _body(finding if explained else replace(finding, explanation="", hunk=None), out)
