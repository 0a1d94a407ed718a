# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hit of a campaign means: which rule it breaks, what the patch did, how bad it is.

A hit is a rule that a side breaks, or a difference: between the two sides, or between a run and the same with every
batch forced to one PTE. Which side is right is decided apart (oracle/sides.py); which rule a difference breaks say
oracle/differences.py, and the rows of entries for what they alone do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from oracle.differences import DIFFERENCES
from oracle.entries import ENTRIES, PLAIN
from oracle.entries import entry as entry_of
from oracle.rules import HARMS, Rule, rule
from oracle.runner import Hit, Outcome
from oracle.sides import CUT_ONLY, Relation

Kind = Literal["violation", "behaviour"]

# A difference between the sides is one of the state that is left: what is asked at calls comes before it.
_LEFT = rule("S4").rank


@dataclass(frozen=True)
class Judgement:
    """A hit with its meaning. count: of scenarios that mean this, at least; sure: these are all."""

    hit: Hit
    rule: Rule
    relation: Relation
    kind: Kind
    count: int = 0
    sure: bool = True

    @property
    def harm(self) -> int:
        """How bad it is at worst; less is worse."""
        if self.kind != "violation":
            return len(HARMS)
        return HARMS.index(self.rule.harm if self.hit.is_violation else DIFFERENCES[self.hit.what].harm)

    @property
    def _granted(self) -> bool:
        """Whether it is one that would have been granted, of those that are told apart so."""
        return not self.hit.is_violation and bool(DIFFERENCES[self.hit.what].kind_of)

    @property
    def _place(self) -> int:
        if self.hit.what == "ENDING":
            return rule("X3").rank + 1
        return max(self.rule.rank, _LEFT) if self.hit.relation in {"plain", "allowed"} else self.rule.rank

    @property
    def rank(self) -> tuple[int, int, int, int, bool, bool, int, str, bool, str]:
        """Sort key: violations before behaviour, what the patch brings first, then the rule that explains most, what is
        without right before what would have been granted, frequent rules before rare ones; of one rule what differs
        before what is broken, so that chance does not decide which of them is told."""
        return (
            self.kind == "behaviour",
            get_args(Relation).index(self.relation),
            self._place,
            self.harm if self._place == _LEFT else 0,
            self.hit.relation != "plain",
            self._granted,
            -self.count,
            self.rule.id,
            self.hit.is_violation,
            self.hit.relation + self.hit.what,
        )


def rule_of(entry: str, hit: Hit, mended: bool = False) -> Rule:
    """The rule that a hit breaks; mended: the one that was broken before."""
    if hit.is_violation:
        return rule(hit.what)
    plain = hit.relation in {"plain", "allowed"}
    row = DIFFERENCES[hit.what]
    row = DIFFERENCES[row.kind_of or row.name]
    row = DIFFERENCES[row.mended] if mended and plain and row.mended else row
    known = entry_of(entry)
    breaks = known.breaks if known else {}
    here = (breaks.get(row.name + PLAIN) if plain else None) or breaks.get(row.name)
    return rule(here or (row.plain if plain else "") or row.breaks or "X1")


def meanings() -> dict[str, tuple[str, ...]]:
    """Rule -> the differences that mean it, with the entry where they do only there."""
    told: dict[str, list[str]] = {}
    for row in DIFFERENCES.values():
        for what, name in ((row.name, row.breaks), (row.name + PLAIN, row.plain)):
            told.setdefault(name, []).append(what)
    for known in ENTRIES:
        for what, name in known.breaks.items():
            difference, plain, _ = what.partition(PLAIN)
            told.setdefault(name, []).append(f"{difference} in {known.name}{plain}")
    return {name: tuple(found) for name, found in told.items() if name}


def judged(
    entry: str, hit: Hit, relation: Relation | None, promised: bool = False, some: int | None = None
) -> Judgement | None:
    """A hit whose scenarios have this relation, None when it means nothing. some: how many of those that were looked
    at do, where others do not.

    Where neither side is wrong, a difference between the two is a question. What differs in a harmless direction can
    only mend; promised: it is a question, too, if it does not come from how PTEs are batched."""
    broken, count = rule_of(entry, hit, relation == "fixed"), hit.count if some is None else some
    if hit.relation in {"allowed", "drift"} and (relation != "fixed" or not DIFFERENCES[hit.what].mended):
        relation = None
    if relation == "fixed" and broken.category == "behaviour":
        return None
    if relation is not None:
        return Judgement(hit, broken, relation, "violation", count, some is None)
    if (
        hit.is_violation
        or hit.relation in {"allowed", "opaque", "unbatch"}
        or (hit.relation == "drift" and not promised)
    ):
        return None
    meant = broken if broken.category == "behaviour" else rule("X1")
    return Judgement(hit, meant, "introduced", "behaviour", count, some is None)


def shows(outcome: Outcome, hit: Hit) -> bool:
    """Whether a scenario shows the same thing as the hit."""
    before, after = outcome.sides["before"].violated, outcome.sides["after"].violated
    pair = {name for name, _ in outcome.codes["pair"]}
    opaque_before, opaque_after = (
        {name for name, _ in outcome.codes[key]} - CUT_ONLY for key in ("batch-before", "batch-after")
    )
    match hit.relation:
        case "introduced" | "swapped":
            return (
                hit.what in after
                and hit.what not in before
                and (before.keys() <= after.keys()) == (hit.relation == "introduced")
            )
        case "both":
            return hit.what in before and hit.what in after
        case "fixed":
            return hit.what in before and hit.what not in after
        case "batch":
            return hit.what in opaque_after and hit.what not in opaque_before
        case "unbatch":
            return hit.what in opaque_before and hit.what not in opaque_after
        case "drift":
            return hit.what in pair and hit.what in {name for name, _ in outcome.codes["one"]}
        case "opaque":
            return hit.what in opaque_after and hit.what in opaque_before
        case "allowed":
            return hit.what in pair
        case _:
            against = {name for name, _ in outcome.codes["plain"]}
            return hit.what in pair & against and not opaque_after ^ opaque_before
