# SPDX-License-Identifier: GPL-2.0-or-later
"""What an author reads in the moment of sending: once, and short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reviewer.model import Finding, Review
from reviewer.report import checks, drawn, picture, places, plain, view
from reviewer.report.text import one_line, printable
from reviewer.words import count

_SHOWN = 2  # findings
_TOOL = "review-patch:"


def blocked(review: Review, failing: Sequence[Finding], page: Path | None) -> list[str]:
    """Why nothing was sent, and how to go on. page: where the whole report is."""
    lines = [f"{_TOOL} {view.verdict(review)} Nothing was sent."]
    for finding in failing[:_SHOWN]:
        lines += ["", *_finding(printable(finding), review)]
    lines += ["", f"  and {count(len(failing) - _SHOWN, 'finding')} more"] if failing[_SHOWN:] else []
    lines += ["", *([f"  The whole report: {page}"] if page else [])]
    return [*lines, "  To send all the same: git send-email --no-validate"]


def _finding(finding: Finding, review: Review) -> list[str]:
    subject = next((p.subject for p in review.patches if p.index == finding.patch), "")
    later = f"; patch {finding.fixed_by_patch} mends it" if finding.fixed_by_patch else ""
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    said = [
        f"patch {finding.patch}/{review.series.total}: {printable(one_line(subject))}",
        f"{finding.summary}",
        f"{finding.rule} asks for this: {view.title(finding)}",
        f"{places.called(finding)} in {where}; {view.seen(finding)}{later}",
    ]
    seen = picture.picture(finding)
    drawing = drawn.text(seen) if seen is not None else []
    lines = [line for text in said for line in plain.wrap(text, 2).split("\n")]
    return [f"  {line}".rstrip() for line in (*lines, *([""] if drawing else []), *drawing)]


def passed(review: Review) -> list[str]:
    """What was looked at, in a line; none when nothing of the series is ours to speak of."""
    done = checks.of_all(review)
    if not done.touched:
        return []
    which = "" if len(review.patches) > 1 else f" patch {review.patches[0].index}/{review.series.total}:"
    return [f"{_TOOL}{which} {done.line}"]


def unable(why: str) -> str:
    """What is told of an error, in a line: it is no reason not to send."""
    return f"{_TOOL} not reviewed, but sent: {printable(one_line(why))}"
