# SPDX-License-Identifier: GPL-2.0-or-later
"""What the exit status of the command says."""

from __future__ import annotations

from typing import Literal

from reviewer.model import Finding, Kind, Review

FailOn = Literal["violation", "difference", "never"]

CLEAN, FOUND, ERROR, INCONCLUSIVE = range(4)

_FAILS: dict[FailOn, frozenset[Kind]] = {
    "violation": frozenset({"violation"}),
    "difference": frozenset({"violation", "behaviour"}),
    "never": frozenset(),
}


def failing(review: Review, fail_on: FailOn) -> tuple[Finding, ...]:
    """What the series introduces of what fail_on names."""
    return tuple(f for f in review.findings if f.relation == "introduced" and f.kind in _FAILS[fail_on])


def exit_status(review: Review, fail_on: FailOn = "violation") -> int:
    """1 when the series introduces what fail_on names, 3 when something could not be exercised in full, else 0.

    2 (ERROR) is for what ends in no review at all: a ReviewError, a wrong option.
    """
    if failing(review, fail_on):
        return FOUND
    whole = all(f.settled for patch in review.patches for f in patch.functions)
    return CLEAN if whole else INCONCLUSIVE
