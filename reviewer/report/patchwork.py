# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks as Patchwork takes them: one JSON object a line, for each patch in the order of the series.

Each is what is posted to /api/patches/ID/checks/; the state is one of pending, success, warning and fail.
"""

from __future__ import annotations

import json

from reviewer.model import Review
from reviewer.report import checks
from reviewer.report.wishes import PLAIN, Wishes

_STATES = {"pass": "success", "warn": "warning", "fail": "fail"}
_CONTEXT = "review-patch"  # letters, digits, - and _ alone


def lines(review: Review, _wishes: Wishes = PLAIN) -> str:
    """The checks. There is no page that they could link to."""
    made = (
        {"state": _STATES[one.state], "context": _CONTEXT, "description": one.line, "target_url": ""}
        for one in checks.of_patches(review)
    )
    return "".join(f"{json.dumps(one)}\n" for one in made)
