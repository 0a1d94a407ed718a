"""What a hit of a campaign means: which rule, whether the patch brought it, how bad it is.

A run is judged in three ways (relations 1, 2 and 4 of the method): the state after the patch must refine the
state before it; a function must come to the same state when every batch is forced to one PTE; and the rules
checked at run time must hold. The first two only say that something differs; the tables below say which rule
such a difference breaks in what a function does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from oracle.rules import Rule, rule
from oracle.runner import Hit, Outcome
from oracle.wire import names

Relation = Literal["introduced", "preexisting", "fixed"]
Kind = Literal["violation", "behaviour"]

# Difference -> rule, for all functions; then what it means in particular ones.
_RULES = {
    "ENDING": "X2", "RETURN": "L9", "PRESENCE": "B11", "PFN": "S2", "WRITE_GAINED": "B5", "DIRTY_LOST": "S4",
    "SOFT_LOST": "B6", "WP_LOST": "D5", "WP_GAINED": "D8", "PROTNONE": "D10", "SWAP_EXCL_LOST": "F3",
    "SWAP_EXCL_GAINED": "E5", "ENTRY": "F1", "MARKER": "D7", "OTHER_BITS": "S11", "EXCLUSIVE": "B12",
    "MAPCOUNT": "G1", "REFCOUNT": "G3", "FOLIO_DIRTY_LOST": "D1", "FOLIO_FLAGS": "X1", "RSS": "G4", "SWAP_COUNT": "F4",
    "CALLS": "X1", "NOTIFIER": "L10", "WRITE_MERGED": "B5", "MAPPED": "L3", "WRITE_GRANTED": "B5", "EXTENT": "B11",
    "ACCESSED_LOST": "D2", "ORDER_LOST": "X6",
}  # fmt: skip
_RULES_FOR = {
    ("change_pte_range", "WRITE_GAINED"): "E4", ("copy_pte_range", "WRITE_GAINED"): "S7",
    ("move_ptes", "SOFT_LOST"): "D4", ("copy_pte_range", "EXCLUSIVE"): "E3",
    ("copy_pte_range", "SWAP_EXCL_GAINED"): "E3",
    ("try_to_unmap_one", "EXCLUSIVE"): "E5",
    ("contpte_test_and_clear_young_ptes", "RETURN"): "S9", ("contpte_clear_flush_young_ptes", "RETURN"): "S9",
    ("contpte_ptep_test_and_clear_young", "RETURN"): "S9", ("contpte_ptep_clear_flush_young", "RETURN"): "S9",
}  # fmt: skip

# Where batches have no part in a difference, a rule about batches is not the one to name.
_PLAIN = {"WRITE_GAINED": "D11", "SOFT_LOST": "D5"}

# Lost for good or gained without right: a violation even where both sides are indifferent to batching.
_NEVER = frozenset(
    (
        "WRITE_GAINED DIRTY_LOST SOFT_LOST WP_LOST SWAP_EXCL_LOST SWAP_EXCL_GAINED PFN FOLIO_DIRTY_LOST MAPCOUNT "
        "REFCOUNT RSS SWAP_COUNT PRESENCE MARKER MAPPED ACCESSED_LOST"
    ).split()
)

# The most telling first: what was asked of a primitive, then what a batch did, then what it left behind.
_ORDER = (
    "B1 L8 B2 B3 B9 C3 B4 B7 B8 B13 S1 S2 S3 S7 S8 S10 S11 S12 S15 G1 C9 C8 C10 T4 C4 C2 E4 B5 B6 D4 B12 B10 D7 D8 D5 "
    "E5 F6 F7 S9 G9 L9 T2 T9 T5 T6 T7 G10 T1 L1 L3 L4 L5 L6 L7 L10 E2 E3 E6 D6 D1 S4 F1 F2 F3 F4 G4 G2 G3 X5 X2 X3"
).split()
# How work is cut into batches may change these: not held against a batch.
_CUT_ONLY = frozenset((*names("HARMLESS"), *names("CUT")))
_RELATIONS: dict[str, Relation] = {
    "introduced": "introduced", "both": "preexisting", "fixed": "fixed",
    "batch": "introduced", "plain": "introduced", "unbatch": "fixed", "opaque": "preexisting", "drift": "introduced",
}  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """A hit with its meaning. weight: how many hits mean the same rule."""

    hit: Hit
    rule: Rule
    relation: Relation
    kind: Kind
    weight: int = 0

    @property
    def rank(self) -> tuple[int, int, int, int, str, bool, str]:
        """Sort key: violations before behaviour, the most telling rule first, what is without right before what
        would have been granted, frequent rules before rare ones; of one rule what differs before what is broken, so
        that chance does not decide which of them is told."""
        order = _ORDER.index(self.rule.id) if self.rule.id in _ORDER else len(_ORDER)
        return (
            self.kind == "behaviour",
            order + (self.hit.relation == "plain"),
            self.hit.what == "WRITE_GRANTED",
            -self.weight,
            self.rule.id,
            self.hit.is_violation,
            self.hit.relation + self.hit.what,
        )


def rule_of(entry: str, hit: Hit) -> Rule:
    """The rule that a hit breaks."""
    if hit.is_violation:
        return rule(hit.what)
    usual = _RULES_FOR.get((entry, hit.what), _RULES.get(hit.what, "X1"))
    return rule(_PLAIN.get(hit.what, usual) if hit.relation == "plain" else usual)


def meanings() -> dict[str, tuple[str, ...]]:
    """Rule -> the differences that mean it, with the entry where they do only there."""
    told: dict[str, list[str]] = {}
    for what, name in _RULES.items():
        told.setdefault(name, []).append(what)
    for what, name in _PLAIN.items():
        told.setdefault(name, []).append(f"{what} without batches")
    for (entry, what), name in _RULES_FOR.items():
        told.setdefault(name, []).append(f"{what} in {entry}")
    return {name: tuple(found) for name, found in told.items()}


def judge(
    entry: str, hits: list[Hit], wanted: Callable[[str], bool] = lambda _: True, promised: bool = False
) -> list[Judgement]:
    """All hits of one pair whose rule is wanted, the most telling first. promised: what differs in a harmless
    direction, and not by how PTEs are batched, counts as well."""
    found = []
    for hit in hits:
        if hit.relation == "allowed" or (hit.relation == "drift" and not promised):
            continue
        behaviour = hit.relation == "drift" or (
            hit.relation == "plain" and hit.what not in _NEVER and hit.what != "ENDING"
        )
        broken = rule_of(entry, hit)
        meant = rule("X1") if behaviour and broken.category != "behaviour" else broken
        found.append(Judgement(hit, meant, _RELATIONS[hit.relation], "behaviour" if behaviour else "violation"))
    weights = Counter[str]()
    for judgement in found:
        weights[judgement.rule.id] += judgement.hit.count
    found = [replace(j, weight=weights[j.rule.id]) for j in found if wanted(j.rule.id)]
    return sorted(found, key=lambda j: j.rank)


def wrong(outcome: Outcome) -> bool:
    """Whether the two sides differ in what no patch may change."""
    return any(name in _NEVER for name, _ in outcome.codes["pair"])


def shows(outcome: Outcome, hit: Hit) -> bool:
    """Whether a scenario shows the same thing as the hit: what the shrinker keeps."""
    before, after = outcome.sides["before"], outcome.sides["after"]
    if hit.is_violation:
        wanted = {"introduced": (False, True), "both": (True, True), "fixed": (True, False)}[hit.relation]
        return (hit.what in before.violated, hit.what in after.violated) == wanted
    pair = {name for name, _ in outcome.codes["pair"]}
    opaque_before, opaque_after = (
        {name for name, _ in outcome.codes[key]} - _CUT_ONLY for key in ("batch-before", "batch-after")
    )
    match hit.relation:
        case "batch":
            return hit.what in opaque_after and hit.what not in opaque_before
        case "unbatch":
            return hit.what in opaque_before and hit.what not in opaque_after
        case "drift":
            return hit.what in pair and hit.what in {name for name, _ in outcome.codes["one"]}
        case "opaque":
            return hit.what in opaque_after and hit.what in opaque_before
        case _:
            against = {name for name, _ in outcome.codes["plain"]}
            mended = before.violated.keys() > after.violated.keys()
            return hit.what in pair & against and not opaque_after ^ opaque_before and not mended
