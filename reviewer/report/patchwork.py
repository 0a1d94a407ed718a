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
    return "".join(_line(one.state, one.line) for one in checks.of_patches(review))


def no_lines(why: str) -> str:
    """The one check of a series that could not be reviewed."""
    return _line("warn", checks.not_reviewed(why))


def _line(state: checks.State, text: str) -> str:
    made = {"state": _STATES[state], "context": _CONTEXT, "description": text, "target_url": ""}
    return f"{json.dumps(made)}\n"
