# SPDX-License-Identifier: GPL-2.0-or-later
"""Barriers in words: the accesses that one stood between and that nothing of its strength orders any more, as
world/order.c found them."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.runner import Outcome
from oracle.wire import words

LOST = "ORDER_LOST"
_PAIRS = 64  # of accesses, to each kind of barrier


@dataclass(frozen=True)
class Order:
    """One barrier and the accesses right before and after it."""

    barrier: str
    first: str
    then: str

    def __str__(self) -> str:
        before = "what the caller did" if self.first == words("ACCESSES")[0] else self.first
        after = "what the caller does next" if self.then == words("ACCESSES")[0] else self.then
        return f"the {self.barrier} between {before} and {after}"

    @property
    def pair(self) -> str:
        """As in the rows of a state."""
        return f"{self.first} to {self.then}"


def lost(outcome: Outcome) -> tuple[Order, ...]:
    """What a scenario shows of barriers that no longer run."""
    codes = (slot for what, slot in outcome.codes["pair"] if what == LOST)
    return tuple(_order(code) for code in codes)


def row_of(barrier: str) -> str:
    """The label of a kind of barrier among the rows of a state."""
    return f"ordered by {barrier}"


def _order(code: int) -> Order:
    """compare.c: the kind of barrier, then the access after it, then the one before."""
    kind, pair = divmod(code, _PAIRS)
    then, first = divmod(pair, 8)
    accesses = words("ACCESSES")
    return Order(words("BARRIERS")[kind], accesses[first], accesses[then])


def instead(outcome: Outcome, order: Order) -> str:
    """The barrier of another kind that stands between the two now; empty for none."""
    before, after = (outcome.sides[side].rows for side in ("before", "after"))

    def stands(rows: dict[str, str], kind: str) -> bool:
        return order.pair in rows.get(row_of(kind), "").split(", ")

    return next((k for k in words("BARRIERS") if stands(after, k) and not stands(before, k)), "")
