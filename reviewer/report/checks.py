# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as the checks of a CI: one state and one line for each patch, and for all of it; and the lines below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reviewer.model import Finding, FunctionReview, PatchReview, Review, Verdict
from reviewer.report import view
from reviewer.report.places import called
from reviewer.report.text import one_line, printable

Level = Literal["fail", "warn", "note"]
State = Literal["pass", "warn", "fail"]
# What an introduced finding is worth. A question about the source makes no patch worse.
_LEVELS: dict[str, Level] = {"violation": "fail", "cost": "warn", "behaviour": "warn", "static": "note"}


@dataclass(frozen=True)
class CheckLine:
    """One finding, or one function that was not exercised in full, in one line."""

    level: Level
    text: str


@dataclass(frozen=True)
class Check:
    """What a patch comes to, or the series. touched: whether there was anything to review."""

    patch: int  # 0 for the series
    state: State
    summary: str
    remarks: tuple[CheckLine, ...]
    touched: bool

    @property
    def line(self) -> str:
        """The summary, and the worst that is behind it."""
        worst = next((remark.text for remark in self.remarks if remark.level == self.state), "")
        return " ".join(filter(None, (self.summary, worst)))


def of_patches(review: Review) -> tuple[Check, ...]:
    """One check for each patch that was reviewed."""
    return tuple(_check(patch.index, _alone(review, patch)) for patch in review.patches)


def of_all(review: Review) -> Check:
    """One check for all of it."""
    return _check(0, review)


def not_reviewed(why: str) -> str:
    """What is said where there is no review: a warning, in a line."""
    return printable(one_line(f"not reviewed: {why}"))


def level(finding: Finding) -> Level:
    """How loud a finding is told."""
    return _LEVELS[finding.kind] if finding.relation == "introduced" else "note"


def _alone(review: Review, patch: PatchReview) -> Review:
    """The review of one patch of the series, as if it had come alone."""
    found = tuple(f for f in review.findings if f.patch == patch.index)
    here = tuple(p for p in review.series.patches if p.index == patch.index)
    others = tuple(p.index for p in review.series.patches if p.index != patch.index)
    series = replace(review.series, patches=here, missing=(*review.series.missing, *others))
    return replace(review, series=series, patches=(patch,), findings=found, verdict=_verdict(patch, found))


def _verdict(patch: PatchReview, found: Sequence[Finding]) -> Verdict:
    if any(level(f) in ("fail", "warn") for f in found):
        return "findings"
    if not patch.functions:
        return "not-applicable"
    return "clean" if all(f.settled for f in patch.functions) else "inconclusive"


def _check(patch: int, review: Review) -> Check:
    found = [CheckLine(level(f), _finding(f)) for f in review.findings if f.relation == "introduced"]
    functions = [f for p in review.patches for f in p.functions]
    remarks = (*found, *(CheckLine("warn", _unseen(f)) for f in functions if not f.settled))
    state, touched, summary = _worst(remarks), bool(functions or found), view.verdict(review)
    if state == "pass" and touched and not summary.startswith(view.SILENT):
        summary = f"clean: {summary}"  # what it mends or makes cheaper does not say that
    return Check(patch, state, summary, remarks, touched)


def _worst(remarks: Sequence[CheckLine]) -> State:
    levels = {remark.level for remark in remarks}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "pass"


def _finding(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    later = f", gone after patch {finding.fixed_by_patch}" if finding.fixed_by_patch else ""
    which = f"{finding.rule} in {called(finding)}, {view.seen(finding)}{later}, {finding.id}"
    return printable(one_line(f"{where}: {finding.summary} ({which})"))


def _unseen(function: FunctionReview) -> str:
    why = f": {function.why}" if function.why else ""
    return printable(one_line(f"{function.file}: {called(function)} was not exercised in full{why}"))
