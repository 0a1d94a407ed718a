# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hit of a campaign means: which rule it breaks, what the patch did, how bad it is.

A hit is a rule that a side breaks, or a difference: between the two sides, or between a run and the same with every
batch forced to one PTE. Which side is right is decided apart (oracle/sides.py); the tables below say which rule a
difference breaks in what a function does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from oracle.entries import ENTRIES, PLAIN
from oracle.entries import entry as entry_of
from oracle.rules import HARMS, Harm, Rule, rule
from oracle.runner import Hit, Outcome
from oracle.sides import CUT_ONLY, Relation

Kind = Literal["violation", "behaviour"]

# Difference -> rule, for all functions; rows of oracle/entries/ say what it means in particular ones (Entry.breaks).
_RULES = {
    "ENDING": "X2", "RETURN": "L9", "PRESENCE": "L9", "PFN": "S2", "WRITE_GAINED": "B5", "DIRTY_LOST": "S4",
    "SOFT_LOST": "B6", "WP_LOST": "D5", "WP_GAINED": "D8", "PROTNONE": "D10", "SWAP_EXCL_LOST": "F3",
    "SWAP_EXCL_GAINED": "E5", "ENTRY": "F1", "MARKER": "D7", "OTHER_BITS": "S11", "EXCLUSIVE": "B12",
    "MAPCOUNT": "G1", "REFCOUNT": "G3", "FOLIO_DIRTY_LOST": "D1", "FOLIO_FLAGS": "G5", "RSS": "G4", "SWAP_COUNT": "F4",
    "CALLS": "X1", "NOTIFIER": "L10", "WRITE_MERGED": "B5", "MAPPED": "L3", "EXTENT": "L9",
    "ACCESSED_LOST": "D2", "ORDER_LOST": "X6", "EXEC_GAINED": "S11",
}  # fmt: skip

# What a difference is that a patch mends, seen from the state that is right then.
_MENDED = {
    "WRITE_LOST": "WRITE_GAINED", "DIRTY_GAINED": "DIRTY_LOST", "SOFT_GAINED": "SOFT_LOST", "WP_GAINED": "WP_LOST",
    "WP_LOST": "WP_GAINED", "SWAP_EXCL_GAINED": "SWAP_EXCL_LOST", "SWAP_EXCL_LOST": "SWAP_EXCL_GAINED",
    "YOUNG": "ACCESSED_LOST", "FOLIO_DIRTY_GAINED": "FOLIO_DIRTY_LOST",
}  # fmt: skip

# Where batches have no part in a difference, a rule about batches is not the one to name.
_PLAIN = {"WRITE_GAINED": "D11", "SOFT_LOST": "D5", "EXCLUSIVE": "E5", "ENTRY": "F5"}

# What a difference comes to at worst, as the harm of a rule; count where it is not here.
_HARM: dict[str, Harm] = {
    "ENDING": "crash", "PFN": "foreign", "WRITE_GAINED": "write", "WRITE_MERGED": "write", "SWAP_EXCL_GAINED": "write",
    "EXEC_GAINED": "write",
    "DIRTY_LOST": "lost", "SOFT_LOST": "lost", "WP_LOST": "lost", "WP_GAINED": "lost", "FOLIO_DIRTY_LOST": "lost",
    "PRESENCE": "lost", "ENTRY": "lost", "MARKER": "lost", "MAPPED": "crash", "NOTIFIER": "stale",
}  # fmt: skip
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
        return HARMS.index(self.rule.harm if self.hit.is_violation else _HARM.get(self.hit.what, "count"))

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
            self.hit.what == "WRITE_GRANTED",
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
    what = hit.what.replace("WRITE_GRANTED", "WRITE_GAINED")
    what = _MENDED.get(what, what) if mended and plain else what
    known = entry_of(entry)
    breaks = known.breaks if known else {}
    here = (breaks.get(what + PLAIN) if plain else None) or breaks.get(what)
    return rule(here or (_PLAIN if plain else {}).get(what) or _RULES.get(what, "X1"))


def meanings() -> dict[str, tuple[str, ...]]:
    """Rule -> the differences that mean it, with the entry where they do only there."""
    told: dict[str, list[str]] = {}
    for what, name in (_RULES | {what + PLAIN: name for what, name in _PLAIN.items()}).items():
        told.setdefault(name, []).append(what)
    for known in ENTRIES:
        for what, name in known.breaks.items():
            difference, plain, _ = what.partition(PLAIN)
            told.setdefault(name, []).append(f"{difference} in {known.name}{plain}")
    return {name: tuple(found) for name, found in told.items()}


def judged(
    entry: str, hit: Hit, relation: Relation | None, promised: bool = False, some: int | None = None
) -> Judgement | None:
    """A hit whose scenarios have this relation, None when it means nothing. some: how many of those that were looked
    at do, where others do not.

    Where neither side is wrong, a difference between the two is a question. What differs in a harmless direction can
    only mend; promised: it is a question, too, if it does not come from how PTEs are batched."""
    broken, count = rule_of(entry, hit, relation == "fixed"), hit.count if some is None else some
    if hit.relation in {"allowed", "drift"} and (relation != "fixed" or hit.what not in _MENDED):
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
