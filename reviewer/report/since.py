# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of an earlier version of the series, in words that every form of the report uses."""

from __future__ import annotations

from collections import Counter

from oracle.rules import RULES
from reviewer.model import Departed, Finding, Review
from reviewer.report.places import called
from reviewer.report.text import ranges


def known_since(finding: Finding, review: Review) -> str:
    """Against an earlier version: "in v1 too", "new since v1"; "" when there is none."""
    if review.previous is None or not finding.history:
        return ""
    version = review.previous.version
    return f"in v{version} too" if finding.history == "remaining" else f"new since v{version}"


def since(review: Review) -> str:
    """What became of an earlier version's findings, as one sentence; "" without one."""
    if (old := review.previous) is None:
        return ""
    numbers = Counter(finding.history for finding in review.findings)
    parts = [f"{len(old.gone)} gone", f"{numbers['remaining']} remaining", f"{numbers['new']} new"]
    parts += [f"{len(old.unchecked)} not looked at again"] if old.unchecked else []
    text = f"Against v{old.version}: {', '.join(parts)}."
    if old.unchanged:
        which = f"{'patch' if len(old.unchanged) == 1 else 'patches'} {ranges(old.unchanged)}"
        text += f" Unchanged, results taken over: {which}."
    return text


def departed(review: Review) -> tuple[tuple[str, tuple[Departed, ...]], ...]:
    """Headings and findings of an earlier version that are not there any more."""
    if (old := review.previous) is None:
        return ()
    listed = ((f"Gone since v{old.version}", old.gone), ("Not looked at again", old.unchecked))
    return tuple((heading, found) for heading, found in listed if found)


def departed_line(finding: Departed) -> str:
    """One finding of an earlier version, in a line."""
    what = RULES[finding.rule].title if finding.rule in RULES else finding.kind
    return f"{finding.rule} {called(finding)} in {finding.file} did not keep to this: {what}"
