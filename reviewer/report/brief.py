# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding in at most fifteen lines: what to ask, where, what happens, the picture, why, and where to read on."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from textwrap import wrap

from rich.text import Text

from oracle.rules import RULES
from reviewer.model import Finding, Review
from reviewer.report import confirmed, counted, drawn, fitted, view
from reviewer.report.picture import picture
from reviewer.report.places import called, mended
from reviewer.report.text import one_line, shortened
from reviewer.words import listing

MOST = 15
ANY = "REVIEW.json"  # the file of a review that was not kept
_SHOWN = ("By the reference", "With batches of one")  # sentences of an explanation that a picture shows


def title(finding: Finding) -> Text:
    """The rule, and what it asks for."""
    return Text.assemble((finding.rule, "bold magenta"), " ", (view.title(finding), "bold"))


def lines(finding: Finding, review: Review, width: int, file: str) -> list[Text]:
    """The finding as it stands in a report of that width, kept in that file. The picture is never cut: what is around
    it gives way, its letters and what mends the finding last."""
    place = f"{_where(finding, review)}; {finding.severity}; {view.seen(finding).removeprefix('on ')}"
    above, made = [*_asked(finding, width), *_paragraph(place, width, 2)], picture(finding)
    if made is None:
        below = _below(finding, width, 3, 1, file)
        return [*above, *_paragraph(finding.summary, width, 2), *below]
    for most, bugs in ((3, 1), (2, 1), (1, 1), (1, 0)):
        below = _below(finding, width, most, bugs, file)
        room = MOST - len(above) - len(below)
        if fits := fitted.within(made, room):
            return [*above, *_drawn(fits), *below]
    return [*above, *_drawn(fitted.least(made)), *below]


def _asked(finding: Finding, width: int) -> list[Text]:
    """What to ask whoever brought it; of the rest, what has to hold."""
    known = RULES.get(finding.rule)
    asked = known.question if known is not None and finding.relation == "introduced" else view.title(finding)
    first, *rest = _few(asked, width - 4, 2)
    return [
        Text.assemble((finding.rule, "bold magenta"), " ", (first, "bold")),
        *(Text(f"   {r}", "bold") for r in rest),
    ]


def _below(finding: Finding, width: int, most: int, bugs: int, file: str) -> list[Text]:
    """Why, in so many lines, so many bugs it is like, and where to read on."""
    told = [line for cost in counted.costs(finding)[:2] for line in _paragraph(cost, width, 2)]
    told += _why(finding, width, most)
    told += _paragraph(confirmed.sentence(finding), width, 1)
    told += [line for bug in finding.precedents[:bugs] for line in _paragraph(f"seen before: {bug}", width, 1)]
    return [*told, Text(f"  {'; '.join(pointers(finding, file))}", "cyan")]


def pointers(finding: Finding, file: str) -> list[str]:
    """Where to read on."""
    again = finding.replay.replace(ANY, quote(file)) if file else finding.replay
    return [*filter(None, [again]), f"review-patch explain {finding.rule}"]


def passing(finding: Finding, review: Review) -> str:
    """In one line, what a later patch mends."""
    return f"{finding.rule} {_where(finding, review)}; {finding.id}"


def drawing(finding: Finding) -> list[Text]:
    """All of the picture."""
    made = picture(finding)
    return _drawn(drawn.text(made)) if made is not None else []


def _drawn(lines: Sequence[str]) -> list[Text]:
    drawing = [Text(f"  {line}") for line in lines]
    for line in drawing:
        line.highlight_regex(r"!\S+", "bold red")
    return drawing


def _where(finding: Finding, review: Review) -> str:
    brought = view.origin(finding, review).removeprefix("introduced by patch ")
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return f"{brought}: {called(finding)} in {place}"


def _cause(finding: Finding) -> list[str]:
    """What does it; of a remark on the source all that it says."""
    told = [
        s if s.endswith((".", "?")) else f"{s}." for s in finding.explanation.split(". ") if not s.startswith(_SHOWN)
    ]
    return list(filter(None, told if finding.kind == "static" else told[:1])) or [finding.summary]


def _why(finding: Finding, width: int, most: int) -> list[Text]:
    """What does it, what taking lines back showed, and what breaks with it, as far as it fits; the second is always
    told, if need be in lines of its own."""
    mends = [told] if (told := mended(finding)) else []
    also = [f"{listing(finding.also)} break{'s' * (len(finding.also) == 1)} with it."] if finding.also else []
    cause = _cause(finding)
    for last in range(len(cause), 0, -1):
        for rest in ([*mends, *also], mends):
            if len(found := _paragraph(" ".join([*cause[:last], *rest]), width, most + 1)) <= most:
                return found
    own = _paragraph(" ".join(mends), width, 3) if mends else []
    return [*_paragraph(cause[0], width, max(most - len(own), 1)), *own]


def _paragraph(text: str, width: int, most: int) -> list[Text]:
    return [Text(f"  {line}") for line in _few(text, width - 2, most)]


def _few(text: str, width: int, most: int) -> list[str]:
    """At most so many lines of that width."""
    found = wrap(one_line(text), max(width, 20), break_on_hyphens=False)
    last = shortened(" ".join(found[most - 1 :]), max(width, 20))
    return [*found[: most - 1], last] if len(found) > most else found
