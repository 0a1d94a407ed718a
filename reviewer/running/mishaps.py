# SPDX-License-Identifier: GPL-2.0-or-later
"""An error inside one function, flavour or patch is the reason why that was not run, never the end of a review."""

from __future__ import annotations

import os
import sys
import traceback

from oracle import sandbox
from oracle.runner import RunnerError
from reviewer.errors import ReviewError, SliceError
from reviewer.model import FunctionReview, PatchReview, PatchTrees

TRACE = "REVIEW_PATCH_TRACE"
_MOST = 300  # characters of a reason


def reason(error: Exception) -> str:
    """Why something could not be run, in a line. With $REVIEW_PATCH_TRACE set to 1 the trace goes to standard error;
    set to "raise" an error that nobody expected goes on, for tests."""
    if not isinstance(error, SliceError):
        sandbox.trouble(str(error))
    if isinstance(error, ReviewError):
        return f"{error.place + ': ' if error.place else ''}{error.message}"
    if isinstance(error, RunnerError):
        return f"the run ended early: {error}"
    wanted = os.environ.get(TRACE)
    if wanted == "raise":
        raise error
    if wanted:
        traceback.print_exception(error, file=sys.stderr)
    told = " ".join(str(error).split())[:_MOST]
    return f"an error of review-patch itself: {type(error).__name__}{': ' + told if told else ''} (see {TRACE}=1)"


def unreviewed(step: PatchTrees, error: Exception) -> PatchReview:
    """What is told of a patch at which the tool failed: that it was not run, of each file it changes."""
    why = reason(error)
    functions = tuple(
        FunctionReview(
            name="changes", file=path, entry="", status="not-runnable", why=why, changed_lines=(), covered_lines=(),
            uncovered=(), scenarios=0, exhaustive=None, flavours=(), stubs=(), symbol="file",
        )
        for path in step.paths
    )  # fmt: skip
    return PatchReview(step.patch.index, step.patch.subject, step.patch.message.message_id, functions)
