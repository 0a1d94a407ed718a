# SPDX-License-Identifier: GPL-2.0-or-later
"""The findings of a review by what they mean for the series."""

from __future__ import annotations

from reviewer.model import Finding, Relation, Review


def of_relation(review: Review, relation: Relation) -> tuple[Finding, ...]:
    """The findings of one relation, in the order of the review."""
    return tuple(finding for finding in review.findings if finding.relation == relation)


def transient(review: Review) -> tuple[Finding, ...]:
    """What one patch brings and a later one of the series mends."""
    return tuple(f for f in of_relation(review, "introduced") if f.fixed_by_patch)


def lasting(review: Review, relation: Relation) -> tuple[Finding, ...]:
    """The findings of one relation that matter after the series: no transient ones, nor what mends those."""
    mended = {(f.rule, f.fixed_by_patch, f.scenario.get("entry")) for f in transient(review)}
    return tuple(
        f for f in of_relation(review, relation)
        if not (f.fixed_by_patch and relation == "introduced")
        and not (relation == "fixed" and (f.rule, f.patch, f.scenario.get("entry")) in mended)
    )  # fmt: skip
