# SPDX-License-Identifier: GPL-2.0-or-later
"""What b4 takes: lines of a check, rows of its review checks, and the files in which an agent leaves its comments.

A check (b4.prep-perpatch-check-cmd, b4.am-perpatch-check-cmd) says nothing when all is well; a line is a warning, with
"ERROR:" in it a failure. A review check (b4.review-perpatch-check-cmd) is a JSON array with one row for each tool.
"""

from __future__ import annotations

import json

from unidiff.patch import PatchSet

from oracle.rules import RULES
from reviewer.model import Finding, Patch, Review
from reviewer.report import checks, drawn, partial, picture, places, plain, view
from reviewer.report.quote import locate, parse
from reviewer.report.text import printable
from reviewer.report.wishes import PLAIN, Wishes

_FAILURE = "ERROR:"
_AGENT = "review-patch <review-patch@localhost>"  # b4 takes none without an address


def check(review: Review, _wishes: Wishes = PLAIN) -> str:
    """The lines of a check; "" when there is nothing to say."""
    several = len(review.patches) > 1
    lines = []
    for one in checks.of_patches(review):
        head = f"{one.patch}/{review.series.total}: " if several else ""
        lines += [_line(head, remark) for remark in one.remarks if remark.level != "note"]
    return "".join(f"{line}\n" for line in lines)


def not_checked(why: str) -> str:
    """A check that could not be made: a warning, and no fault of the patch."""
    return _line("", checks.CheckLine("warn", checks.not_reviewed(why))) + "\n"


def _line(head: str, remark: checks.CheckLine) -> str:
    if remark.level == "fail":
        return f"{_FAILURE} {head}{remark.text}"
    return head + remark.text.replace(_FAILURE, "ERROR")  # a file may have any name


def rows(review: Review, _wishes: Wishes = PLAIN) -> str:
    """The row of a review check; none when nothing of the patch is ours to speak of."""
    done = checks.of_all(review)
    if not done.touched:
        return _array()
    head = [view.place(printable(review)), partial.unseen(printable(review.series))]
    return _array(done.state, done.summary, "\n".join(filter(None, [*(r.text for r in done.remarks), *head])))


NO_ROWS = "[]\n"


def no_rows(why: str) -> str:
    """The row of a review check that could not be made."""
    return _array("warn", checks.not_reviewed(why))


def _array(status: str = "", summary: str = "", details: str = "") -> str:
    row = {"tool": "review-patch", "status": status, "summary": summary, "url": "", "details": details}
    return json.dumps([row] if status else [], indent=2) + "\n"


def agent(review: Review, _wishes: Wishes = PLAIN) -> dict[str, bytes]:
    """The files of .git/b4-review/COMMIT: who says it, what is said of the series, and each patch with comments."""
    safe = printable(review)
    said = [f"{safe.verdict.upper()}: {view.verdict(safe)}", view.place(safe), partial.unseen(safe.series)]
    files = {"identity.txt": f"{_AGENT}\n", "series.txt": "\n".join(filter(None, said)) + "\n"}
    for patch in review.series.patches:
        if found := [f for f in review.findings if f.patch == patch.index and f.relation == "introduced"]:
            files[f"{patch.index:04d}.txt"] = _commented(patch, found)
    return {name: text.encode("utf-8") for name, text in files.items()}


def _commented(patch: Patch, found: list[Finding]) -> str:
    """The whole diff quoted, each comment below the line it is about, and above it what belongs to none."""
    diff = parse(patch.message.diff)
    below: dict[int, list[str]] = {}
    for finding in found:
        below.setdefault(_line_of(diff, finding), []).append(f"\n{_comment(printable(finding))}\n")
    text = below.pop(0, [])
    for number, line in enumerate(patch.message.diff.decode("utf-8", "replace").removesuffix("\n").split("\n"), 1):
        text += [f"> {printable(line)}", *below.get(number, [])]
    return "\n".join(text) + "\n"


def _line_of(diff: PatchSet, finding: Finding) -> int:
    """The line of the diff a finding is about, from 1; 0 when it is none of them."""
    spot = locate(diff, finding)
    return diff[spot.file][spot.hunk][spot.line].diff_line_no or 0 if spot else 0


def _comment(finding: Finding) -> str:
    """What its rule asks, what happens, and the picture of it; none of it a quote."""
    known = RULES.get(finding.rule)
    asked = f"In {places.doer(finding)}: {known.question} ({finding.rule})" if known else finding.rule
    said = [asked, finding.summary, places.mended(finding)]
    seen = picture.picture(finding)
    drawing = ["", *drawn.text(seen)] if seen else []
    return "\n".join(["\n".join(plain.wrap(one).lstrip("> ") for one in said if one), *drawing]).replace("\n>", "\n >")
