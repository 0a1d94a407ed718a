# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test of NIPA says: an exit status, and one line that describes it, for the descriptor that DESC_FD names."""

from __future__ import annotations

from reviewer.model import Review
from reviewer.report import checks
from reviewer.report.wishes import PLAIN, Wishes

WARNING = 250
_STATUS = {"pass": 0, "warn": WARNING, "fail": 1}


def description(review: Review, _wishes: Wishes = PLAIN) -> str:
    """The verdict and the worst that is behind it, in one line."""
    return checks.of_all(review).line + "\n"


def not_described(why: str) -> str:
    """The line where there was no review: a warning, and no fault of the patch."""
    return f"{checks.not_reviewed(why)}\n"


def status(review: Review) -> int:
    """0 when all is well, 250 for a warning, else a failure."""
    return _STATUS[checks.of_all(review).state]
