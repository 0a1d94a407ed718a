# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether each side of a run is right, judged by itself; then what a patch made of it.

A side is wrong for reasons: rules it breaks, rows in which the reference says otherwise where it has a word on the
scenario, else a result that is not its own with batches of one. Neither side is the measure of the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from oracle.differences import DIFFERENCES
from oracle.explain import Row, judge, tells
from oracle.explain.refine import split
from oracle.reference.walkers.kernel import Kernel
from oracle.rules import RULES
from oracle.runner import Outcome
from oracle.wire import Scenario, names

Relation = Literal["introduced", "preexisting", "fixed"]
Reasons = frozenset[str]
Wanted = Callable[[str], bool]
# How work is cut into batches may change these: not held against a batch.
CUT_ONLY = frozenset((*names("HARMLESS"), *names("CUT")))


@dataclass(frozen=True)
class Sides:
    """What is wrong with the run before and with that after. told: whether the reference had a word on it."""

    before: Reasons
    after: Reasons
    told: bool = False

    @property
    def relation(self) -> Relation | None:
        """What the patch did; None where both sides are right, or wrong in just the same way."""
        if self.before == self.after:
            return None
        if self.before < self.after:
            return "introduced"
        return "fixed" if self.after < self.before else "preexisting"

    def under(self, wanted: Wanted) -> Sides:
        """With only these rules in force: breaking another is nothing wrong."""
        before, after = (
            frozenset(why for why in side if why not in RULES or wanted(why)) for side in (self.before, self.after)
        )
        return Sides(before, after, self.told)


def by_rules(outcome: Outcome) -> Sides:
    """By what the run itself shows, without the reference."""
    before, after = (_broken(outcome, side) | _cut(outcome, side) for side in ("before", "after"))
    return Sides(before, after)


def sides(entry: str, scenario: Scenario, outcome: Outcome, kernel: Kernel) -> Sides:
    """By the reference as well, where it tells. outcome: with its rows."""
    if not tells(entry, scenario):
        return by_rules(outcome)
    before, after = (
        _broken(outcome, side) | _against(entry, scenario, outcome, side, kernel) for side in ("before", "after")
    )
    return Sides(before, after, told=True)


def _broken(outcome: Outcome, side: str) -> Reasons:
    run = outcome.sides[side]
    return frozenset(run.violated) | ({"ending"} if run.ending else frozenset())


def _cut(outcome: Outcome, side: str) -> Reasons:
    return frozenset(f"batch {what}" for what, _ in outcome.codes[f"batch-{side}"] if what not in CUT_ONLY)


def _against(entry: str, scenario: Scenario, outcome: Outcome, side: str, kernel: Kernel) -> Reasons:
    if outcome.sides[side].ending:
        return frozenset()
    rows = judge(entry, scenario, kernel, outcome.sides[side].rows)
    return frozenset(reason for row in rows if not row.why for reason in reasons(row))


def reasons(row: Row) -> Reasons:
    """What is wrong with a row, behind its label: each flag too many or missing, else what it says in place of what is
    right."""
    (place, was), (there, now) = split(row.reference), split(row.real)
    if place != there or not was | now:
        return frozenset({f"{row.label}\t= {row.real}"})
    return frozenset({f"{row.label}\t+{f}" for f in now - was} | {f"{row.label}\t-{f}" for f in was - now})


def rows_of(side: Reasons, what: str) -> frozenset[str]:
    """The labels of the rows that are wrong on a side, of those in which a difference of this name shows."""
    labels = (why.split("\t")[0] for why in side if "\t" in why)
    start = DIFFERENCES[what].rows
    return frozenset(x for x in labels if (x.removeprefix("child ").startswith(start) if start else "PTE " in x))
