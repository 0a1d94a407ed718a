# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a finding is, in words: the name as its kind is written, and what taking the lines back showed."""

from __future__ import annotations

from reviewer.model import Departed, Finding, FunctionReview
from reviewer.report.text import count, ranges


def called(place: Finding | Departed | FunctionReview) -> str:
    """ "move_ptes()", "macro FPB_MERGE_WRITE", "struct mmu_gather"."""
    name = place.name if isinstance(place, FunctionReview) else place.function
    if place.symbol == "function":
        return f"{name}()"
    return name if " " in name else f"{place.symbol} {name}"


def doer(finding: Finding) -> str:
    """Who does what a finding tells: a function, or what uses the macro, type or variable."""
    return called(finding) if finding.symbol == "function" else f"what uses {called(finding)}"


def mended(finding: Finding, *, quoted: bool = False) -> str:
    """What taking lines back showed; empty where it was not tried. quoted: the lines are right above."""
    hunk = finding.hunk
    if hunk is None or not hunk.mends:
        return ""
    dropped = f"what was dropped before line {finding.line}"
    lines = f"line{'s' * (len(hunk.lines) > 1)} {ranges(hunk.lines)}" if hunk.lines else dropped
    done = "Taking back" if hunk.lines or quoted else "Putting back"
    mends = "brings it back" if finding.relation == "fixed" else "mends it"
    if hunk.of < 2:
        return f"{done} {'this hunk' if quoted else lines} {mends}; the patch has no other change here."
    whole = f"with {count(hunk.others, 'other change')}" if hunk.others else "alone"
    return f"{done} {'this hunk' if quoted else lines} {whole} {mends}; the patch has {hunk.of} changes here."
