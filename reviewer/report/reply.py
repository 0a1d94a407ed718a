"""Reply drafts: one for each patch with findings, and one with the words about the whole series.

Drafts are files; nothing here sends mail. They ask what the broken rule asks (oracle/asked.toml), state facts, suggest
what mends it, and give no tags: those are for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from oracle.rules import rule
from reviewer.errors import ReviewError
from reviewer.model import Finding, FunctionReview, Message, Review
from reviewer.report import counted, partial, places, plain, since, view
from reviewer.report.eml import author_name, reply_to
from reviewer.report.quote import Spot, locate, parse, quote
from reviewer.report.text import count, printable
from reviewer.resources import folder

_ROWS = 16
# A line of ours that mail tools could take for a trailer of the patch.
_TRAILER = re.compile(r"^(?=[ \t]*[\w-]+-by\s*:)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Draft:
    """What one reply says: index 0 is the cover letter; whole: also the words about the series."""

    index: int
    mail: Message
    findings: tuple[Finding, ...]
    older: tuple[Finding, ...]
    whole: bool


def replies(review: Review, *, preexisting: bool = False, sender: str = "") -> dict[str, bytes]:
    """The drafts by file name ("0002-reply.eml"); preexisting adds a section for what was there before."""
    safe, older = view.shown(printable(review), preexisting)
    drafts = _drafts(safe)
    return {f"{d.index:04d}-reply.eml": reply_to(d.mail, _body(d, safe, older), sender) for d in drafts}


def write(drafts: Mapping[str, bytes], directory: Path) -> tuple[Path, ...]:
    """Write the drafts into a directory, made when missing; ReviewError when that fails."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in drafts.items():
            (directory / name).write_bytes(content)
    except OSError as problem:
        raise ReviewError(f"reply drafts cannot be written: {problem.strerror}", place=str(directory)) from problem
    return tuple(directory / name for name in drafts)


def _drafts(review: Review) -> list[Draft]:
    series = review.series
    mails = {0: series.cover} if series.cover else {}
    mails |= {patch.index: patch.message for patch in series.patches}
    drafts = []
    for index, mail in mails.items():
        own = [f for f in review.findings if f.patch == index]
        new = tuple(f for f in own if f.relation == "introduced")
        older = tuple(f for f in own if f.relation == "preexisting")
        whole = index == min(mails)
        if new or older or whole:
            drafts.append(Draft(index, mail, new, older, whole))
    return drafts


def _body(draft: Draft, review: Review, older: str) -> str:
    listed = [(p.index, f) for p in review.patches for f in p.functions if draft.whole or p.index == draft.index]
    functions = [function for _, function in listed]
    text = (
        _environment()
        .get_template("reply.txt.j2")
        .render(
            review=review,
            mail=draft.mail,
            name=author_name(draft.mail),
            notes=_notes(draft),
            older=draft.older,
            known=older,
            whole=draft.whole,
            ran=[entry for entry in listed if view.exercised(entry[1])],
            settled=[entry for entry in listed if view.settled(entry[1])],
            skipped=[entry for entry in listed if not view.exercised(entry[1]) and not entry[1].settled],
            scenarios=sum(function.scenarios for function in functions),
            flavours=_union(functions, "flavours"),
            stubs=_union(functions, "stubs"),
        )
    )
    return _TRAILER.sub("| ", text)


def _notes(draft: Draft) -> list[tuple[list[str], Finding]]:
    """The findings in the order of the patch, each with the lines quoted above it; unplaced ones last."""
    patch = parse(draft.mail.diff)
    placed = [(locate(patch, finding), finding) for finding in draft.findings]
    placed.sort(key=lambda entry: (entry[0] is None, entry[0] or ()))
    notes: list[tuple[list[str], Finding]] = []
    last: Spot | None = None
    for spot, finding in placed:
        notes.append((quote(patch, spot, last), finding))
        last = spot or last
    return notes


def _union(functions: list[FunctionReview], field: str) -> list[str]:
    return list(dict.fromkeys(name for function in functions for name in getattr(function, field)))


def _table(finding: Finding) -> view.Table:
    return view.narrow(view.table(finding, limit=_ROWS))


def _question(finding: Finding) -> str:
    """What its rule asks of the function: "In move_ptes(): can a read-only PTE of the batch ...? (B5)"."""
    asked = rule(finding.rule).question
    return f"In {places.doer(finding)}: {asked[0].lower()}{asked[1:]} ({finding.rule})"


def _remedy(finding: Finding) -> str:
    return rule(finding.rule).remedy


def _environment() -> Environment:
    # Plain text: there is nothing to escape in it, and "<" has to stay "<".
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "count": count,
        "called": places.called,
        "claim": view.claim,
        "costs": counted.costs,
        "departed": since.departed,
        "departed_line": since.departed_line,
        "doer": places.doer,
        "draw": plain.draw,
        "exercised": view.exercised,
        "given": view.given,
        "of_relation": view.of_relation,
        "known_since": since.known_since,
        "mended": places.mended,
        "place": view.place,
        "question": _question,
        "ran": view.ran,
        "remedy": _remedy,
        "since": since.since,
        "table": _table,
        "title": view.title,
        "unseen": partial.unseen,
        "verdict": view.verdict,
        "whole": partial.whole,
        "wrap": plain.wrap,
    }
    return environment
