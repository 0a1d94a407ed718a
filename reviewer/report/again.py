# SPDX-License-Identifier: GPL-2.0-or-later
"""How to see a finding again with what the reader of a draft has: the file that is attached, else the mails."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from reviewer.model import Finding, Message, Review
from reviewer.report import view
from reviewer.report.plain import WIDTH, wrap

_TREE = 40  # characters of a name
_ONLY = 2  # rules to be named in a command
_SAFE_ID = re.compile(r"[\w.@+=][\w.@+=-]*", re.ASCII)  # no word of a shell, and no option


def again(finding: Finding, review: Review, mail: Message, *, attached: bool, options: Sequence[str]) -> list[str]:
    """The lines that say how. options: of the review, to be given again."""
    if attached:
        return ["To run it again, with the file attached:", "", f"  review-patch replay {finding.id}.json", ""]
    rules = (finding.rule, *finding.also)
    only = [word for name in rules for word in ("--only", name)] if len(rules) <= _ONLY else []
    base = ["--base", review.base[:12]] if view.is_commit(review.base) else []
    part = ["--patch"] if review.series.held else []
    words = ["review-patch", "-", *part, *base, *only, "--seed", str(review.seed), *map(shlex.quote, options)]
    name = mail.message_id
    if _SAFE_ID.fullmatch(name):
        lines = [*_shell(["b4", "am", "-o", "-", name], "  ", " |"), *_shell(words, "    ")]
    else:
        lines = _shell([*words, "< SERIES.mbox"], "  ")
    return [f"To run it again, in a tree of {review.tree[:_TREE]}:", "", *lines, ""]


def _shell(words: Sequence[str], indent: str, end: str = "") -> list[str]:
    """A command in as many lines as it takes."""
    *first, last = wrap(" ".join(words), 2, WIDTH - len(indent) - 2).split("\n")
    return [*(f"{indent}{line} \\" for line in first), f"{indent}{last}{end}"]
