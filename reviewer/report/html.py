"""The report as one page that needs nothing else: to be sent, printed, or opened years later."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reviewer.model import Review
from reviewer.report import counted, partial, places, since, view
from reviewer.report.text import count, printable
from reviewer.resources import folder


def page(review: Review, *, preexisting: bool = False) -> str:
    """The whole page; all text from the series is escaped. preexisting: with all that was wrong before."""
    environment = Environment(loader=FileSystemLoader(folder("templates")), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {
        "count": count,
        "called": places.called,
        "claim": view.claim,
        "costs": counted.costs,
        "counted": counted.table,
        "coverage": view.coverage,
        "departed": since.departed,
        "departed_line": since.departed_line,
        "exercised": view.exercised,
        "given": view.given,
        "mended": places.mended,
        "of_relation": view.of_relation,
        "origin": view.origin,
        "place": view.place,
        "seen": view.seen,
        "since": since.since,
        "size": partial.size,
        "table": lambda finding: view.narrow(view.table(finding)),
        "title": view.title,
        "unseen": partial.unseen,
        "verdict": view.verdict,
    }
    shown, older = view.shown(printable(review), preexisting)
    return environment.get_template("report.html.j2").render(
        review=shown, headings=partial.headings(review.series), older=older
    )
