# SPDX-License-Identifier: GPL-2.0-or-later
"""A fault as it is explained: the run that is wrong, what of it is, and which of that the fault is about."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.explain import Row
from oracle.faults import Fault
from oracle.observed import Focus
from oracle.results import hashed
from oracle.sides import reasons
from reviewer.model import State

REFERENCE, FORCED = "reference", "batch=1"


@dataclass(frozen=True)
class Case:
    """A fault as it is explained. side: the run that is wrong. rows: those that are, the reference's word on each;
    source: whose word that is, empty for nobody's. right: all rows are as the reference has them. about: what the rule
    that explains it is about, then what the worst that comes of it is. entry: whose results the rows are."""

    fault: Fault
    side: str
    reference: State | None
    rows: tuple[Row, ...]
    right: bool = False
    about: tuple[Focus, ...] = ()
    entry: str = ""

    @property
    def source(self) -> str:
        return self.reference.source if self.reference else ""

    @property
    def returned(self) -> bool:
        return self.fault.outcome.sides[self.side].rows.get("!ending", "returned") == "returned"

    @property
    def worst(self) -> Row:
        """The row that the fault is about; of several the one that is most wrong, the first of those."""

        def key(row: Row) -> tuple[object, ...]:
            # A hash is only what is left to tell of.
            return (*(look.key(row) for look in self.about), badness(row), hashed(self.entry, row.label))

        return min(self.rows, key=key)

    @property
    def rule(self) -> str:
        return self.fault.judgement.rule.id

    @property
    def left(self) -> bool:
        """Whether the rule breaks by what the run has left, and not on the way."""
        return self.fault.outcome.sides[self.side].left(self.rule)


_LOST = ("-dirty", "-soft-dirty", "-uffd-wp", "-exclusive")
WRITE, STATE, ENTRY, PAGE, REST = range(5)


def badness(row: Row) -> int:
    """How bad it is that a row is wrong, less is worse: write or execute gained, state lost, other entries, pages,
    the rest."""
    changes = {reason.removeprefix(f"{row.label}\t") for reason in reasons(row)}
    if "PTE " in row.label:
        return WRITE if changes & {"+rw", "+exec"} else STATE if changes & {*_LOST} else ENTRY
    return PAGE if row.label.startswith("page ") else REST
