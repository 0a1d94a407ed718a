# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a draft: what the broken rule asks (oracle/rules.toml) below the lines that it asks about, what happens,
the page table, what mends it, and how to see it again. At most 40 lines of our own, no tags: those are for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import get_args

from oracle.rules import Harm, rule
from reviewer.model import Finding, FunctionReview, Message, Review, Severity
from reviewer.report import confirmed, counted, fitted, partial, places, since, view
from reviewer.report.again import again
from reviewer.report.picture import picture
from reviewer.report.plain import WIDTH
from reviewer.report.quote import CUT, Spot, locate, parse, quote
from reviewer.report.recipients import author_name
from reviewer.report.text import count, one_line
from reviewer.report.wishes import Wishes

LINES = 40  # of our own in a draft
_PICTURE = 16
_BLANKS = 2  # around the text of a finding
_COSTS = 4
_BRIEF = 6  # findings in a line each
_WORDS = 64  # characters of a date or a name
_NAMES = 4  # of a list in the signature
# What a finding comes to, by the harm of its rule.
_HARMS: Mapping[Harm, str] = {
    "crash": "may crash", "foreign": "reaches what is not its own", "write": "gives undue write",
    "lost": "loses state", "stale": "leaves something stale", "count": "miscounts", "cost": "does more work",
    "none": "does otherwise than before",
}  # fmt: skip
_QUESTION = "raises a question"
# A line of ours that mail tools could take for a trailer of the patch.
_TRAILER = re.compile(r"^(?=[ \t]*[\w-]+-by\s*:)", re.IGNORECASE | re.MULTILINE)
_PLAIN = ("entry", "flavour", "PTEs", "folios")  # of a scenario: told by other words


@dataclass(frozen=True)
class Draft:
    """What a draft is about. findings: what the patch brings; passing: what a later patch of the series takes away
    again; older: what was there before; first: it is the first draft of the series."""

    index: int
    mail: Message
    findings: tuple[Finding, ...]
    passing: tuple[Finding, ...]
    older: tuple[Finding, ...]
    first: bool = True


def remarks(draft: Draft, review: Review, wishes: Wishes) -> tuple[str, tuple[Finding, ...]]:
    """The text, and the findings that it tells in full."""
    head = _head(draft.mail)
    by_weight = sorted(draft.findings, key=lambda f: get_args(Severity).index(f.severity))
    tail = [*_since(draft, review), *_again(draft, review, wishes, by_weight), *_signature(draft.index, review)]
    room = LINES - len(head) - len(tail)
    full: list[Finding] = []
    blocks: dict[int, list[str]] = {}
    for at, finding in enumerate(by_weight):
        left = room - len(_brief(draft, by_weight[at + 1 :])) - _BLANKS
        block = _block(finding, review, left)
        if full and len(block) > left:
            break
        full.append(finding)
        blocks[id(finding)] = block
        room -= len(block) + _BLANKS
    lines = head + _placed(draft, full, blocks) + _brief(draft, by_weight[len(full) :]) + tail
    return _TRAILER.sub("| ", "\n".join(lines) + "\n"), tuple(full)


def clean(mail: Message, review: Review, older: str) -> str:
    """Two lines where nothing was found, below the first line of the mail: what was exercised, and what was not."""
    functions = [function for patch in review.patches for function in patch.functions]
    scenarios = sum(function.scenarios for function in functions)
    verdict = view.verdict(review)
    ran = (
        f"{count(scenarios, 'scenario')} on {_few(_union(functions, 'flavours'))}"
        if scenarios
        else "nothing had to run"
    )
    silent = "" if verdict.startswith("No ") else "nothing wrong found; "
    told = f"Tested: {silent}{verdict[0].lower()}{verdict[1:-1]}; {ran}{_not_run(functions)}. {older}".rstrip()
    first = next(filter(None, map(one_line, mail.body.split("\n"))), "")
    lines = [*_head(mail), f"> {first}", ""] if first else []
    lines += [*_prose(told, 4), "", *_since(None, review), *_signature(None, review)]
    return _TRAILER.sub("| ", "\n".join(lines) + "\n")


def _prose(text: str, most: int, indent: int = 0) -> list[str]:
    """A paragraph in so many lines at most; names may be of any length."""
    lines = wrap(one_line(text), WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][: WIDTH - 4]} ..."]


def _head(mail: Message) -> list[str]:
    return _prose(f"On {mail.date[:_WORDS]}, {author_name(mail)[:_WORDS]} wrote:", 3)


def _placed(draft: Draft, full: Sequence[Finding], blocks: dict[int, list[str]]) -> list[str]:
    """The findings in the order of the patch, each below the lines quoted for it; those without a place last."""
    patch = parse(draft.mail.diff)
    shown = full or draft.passing[:1]
    placed = sorted(((locate(patch, f), f) for f in shown), key=lambda entry: (entry[0] is None, entry[0] or ()))
    lines: list[str] = []
    last: Spot | None = None
    for spot, finding in placed:
        removed = finding.hunk.removed if finding.hunk is not None else ()
        quoted = quote(patch, spot, last, removed)
        lines += [*quoted, ""] if quoted else []
        lines += [*blocks[id(finding)], ""] if id(finding) in blocks else []
        last = spot or last
    return lines or [CUT, ""]


def _block(finding: Finding, review: Review, room: int) -> list[str]:
    """One finding in full, its picture no longer than the room allows."""
    lead = [*_prose(_question(finding), 3), "", *_prose(_happens(finding, review), 7), ""]
    mends = f"Suggestion: {rule(finding.rule).remedy}. {places.mended(finding, quoted=True)}"
    end = _prose(mends, 4)
    end += _prose(confirmed.sentence(finding), 3)
    if finding.precedents:
        end += _prose(f"Seen before: {finding.precedents[0]}", 2)
    shown = _shown(finding, min(_PICTURE, room - len(lead) - len(end) - 1))
    return [*lead, *shown, *([""] if shown else []), *end]


def _question(finding: Finding) -> str:
    """What its rule asks of the function: "In move_ptes(): can a read-only PTE of the batch ...? (B5)"."""
    asked = rule(finding.rule).question
    return f"In {places.doer(finding)}: {asked[0].lower()}{asked[1:]} ({finding.rule})"


def _happens(finding: Finding, review: Review) -> str:
    if finding.kind == "static":
        return f"{finding.summary} {finding.explanation} This was read in the source and not run."
    values = finding.scenario.items()
    given = [f"{k} {one_line(str(v))}" for k, v in values if isinstance(v, str | int) and v != "" and k not in _PLAIN]
    seen = f"Seen on {_few(finding.flavours) if finding.flavours else 'every flavour'}"
    seen += f" with {', '.join(given)}" if given else ""
    known = since.known_since(finding, review)
    return f"{finding.summary} {finding.cause or ''} {seen}{f', {known}' if known else ''}; finding {finding.id}."


def _shown(finding: Finding, room: int) -> list[str]:
    """The page table, or what the cost counts; nothing where there is no room for it."""
    made = picture(finding) if finding.kind not in ("cost", "static") else None
    lines = (fitted.within(made, room) or fitted.least(made)) if made is not None else []
    for line in counted.costs(finding)[:_COSTS]:
        lines += _prose(f"- {line}", 3, 2)
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], f"... {count(len(lines) - room + 1, 'more line')}"] if room > _COSTS else []


def _brief(draft: Draft, rest: Sequence[Finding]) -> list[str]:
    """What is told in a line each, with a blank below it."""
    lines = [_line(f, "Also") for f in rest]
    lines += [_line(f, f"Only until patch {f.fixed_by_patch}") for f in draft.passing]
    lines += [_line(f, "Before the patch, too") for f in draft.older]
    more = len(lines) - _BRIEF
    told = lines if more <= 0 else [*lines[: _BRIEF - 1], f"And {more + 1} more, which the review names."]
    return [*told, ""] if told else []


def _line(finding: Finding, lead: str) -> str:
    """One line: what it comes to, where there is room for that."""
    what = _QUESTION if finding.severity == "question" else _HARMS[rule(finding.rule).harm]
    text = one_line(f"{lead}: {places.called(finding)}")
    told = f"{text} {what} ({finding.rule}, {finding.id})"
    if len(told) <= WIDTH:
        return told
    name = f" ({finding.rule}, {finding.id})"
    return (text if len(text) <= WIDTH - len(name) else f"{text[: WIDTH - len(name) - 3]}...") + name


def _since(draft: Draft | None, review: Review) -> list[str]:
    """What became of an earlier version, once."""
    if (draft is not None and not draft.first) or not (told := since.since(review)):
        return []
    gone = ", ".join(f"{d.rule} {d.id}" for _, found in since.departed(review) for d in found[:_NAMES])
    return [*_prose(f"{told} {f'Gone: {gone}.' if gone else ''}", 4), ""]


def _again(draft: Draft, review: Review, wishes: Wishes, found: Sequence[Finding]) -> list[str]:
    """How to see the first of what ran again."""
    ran = [f for f in found if f.kind != "static"]
    return again(ran[0], review, draft.mail, attached=wishes.attach, options=wishes.options) if ran else []


def _signature(index: int | None, review: Review) -> list[str]:
    """index: of the patch that it is about, None for all."""
    functions = [f for p in review.patches if index in (None, p.index) for f in p.functions]
    scenarios = sum(function.scenarios for function in functions)
    ran = f"{_few(_union(functions, 'flavours')) or 'no flavour'}; {count(scenarios, 'scenario')}"
    text = f"{ran}; stubs: {_few(_union(functions, 'stubs')) or 'none'}{_not_run(functions)}"
    unseen = partial.unseen(review.series)
    return [
        "-- ",
        *_prose(f"review-patch {review.version}, seed {review.seed}, {review.compiler}", 2),
        *_prose(text, 3, 2),
        *_prose(unseen, 2, 2),
    ]


def _not_run(functions: Iterable[FunctionReview]) -> str:
    left = [f for f in functions if not f.settled and not view.exercised(f)]
    names = list(dict.fromkeys(f.file if f.symbol == "file" else places.called(f) for f in left))
    return f"; not exercised: {_few(names)}" if names else ""


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")


def _union(functions: Iterable[FunctionReview], field: str) -> list[str]:
    return list(dict.fromkeys(name for function in functions for name in getattr(function, field)))
