# SPDX-License-Identifier: GPL-2.0-or-later
"""What the two sides of a finding have to say in a row of its table."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.model import Finding

# What an entry may be otherwise, and what it may have besides: folding, accessed; dirty without need.
MAY_DIFFER, MAY_GAIN = frozenset({"cont", "young"}), frozenset({"dirty", "soft-dirty"})


def wanted(finding: Finding, texts: Sequence[str]) -> tuple[str, str]:
    """The texts that before and after have to have. texts: those they have, and the reference's if there is one.

    The executable reference knows no folding, and code may merge more than it does (oracle/explain/refine.py): what
    both sides say alike is not what is wrong with one of them."""
    before, after = texts[0], texts[1]
    if finding.reference is None:
        return (after, after) if finding.relation == "fixed" else (before, before)
    right = texts[2]
    if finding.reference.source != "reference":
        return right, right
    fits = [text if says(text, right) else right for text in (before, after)]
    if finding.relation == "introduced":
        return before, before if after == before else fits[1]
    return fits[0], after if finding.relation == "fixed" else fits[1]


def says(text: str, right: str) -> bool:
    """Whether a row says what the reference says."""
    return text.removesuffix(" cont") == right


def alike(text: str, right: str) -> bool:
    """Whether an entry is what it has to be but for what may differ: how it is folded, whether it was accessed, and
    dirty and soft-dirty that it has besides (oracle/world/refine.c)."""
    said, wants = (set(words.split()) - MAY_DIFFER for words in (text, right))
    return said - wants <= MAY_GAIN and wants <= said
