"""Findings about cost: what rose or fell, in words, and every count behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from oracle.cost import Growth, Row, growth
from oracle.rules import rule
from reviewer.findings import identity_of, packed
from reviewer.model import ChangedFunction, Counted, Finding, Relation, State
from reviewer.suspects import named
from reviewer.tried import Ran

WORDS = {
    "ptep_get": "ptep_get calls", "pte_read": "PTE reads", "pte_write": "PTE writes", "tlb_flush": "TLB flushes",
    "tlb_pages": "pages invalidated", "fold": "contpte folds", "unfold": "contpte unfolds",
    "folio_lookup": "folio lookups", "page_touch": "struct page accesses", "rmap_op": "rmap operations",
    "ref_op": "reference updates", "lock": "lock operations", "atomic": "atomic operations", "call": "calls",
}  # fmt: skip


def cost_findings(patch: int, entry: str, changed: Sequence[ChangedFunction], ran: Sequence[Ran]) -> list[Finding]:
    """One finding of all that rose in one entry over its flavours, one of all that fell."""
    found = []
    relations: tuple[tuple[Relation, bool], ...] = (("introduced", False), ("fixed", True))
    for relation, falling in relations:
        changes = [(one, g) for one in ran for g in growth(one.counted, falling)]
        if changes:
            found.append(_finding(patch, named(entry, changed), ran, changes, relation))
    return found


def unless_unseen(found: Sequence[Finding], asked: Sequence[Finding]) -> list[Finding]:
    """The findings without savings that may be none: reads past the accessors (Q6) are not counted."""
    unseen = {(f.function, f.file) for f in asked if f.rule == "Q6"}
    return [f for f in found if f.kind != "cost" or f.relation != "fixed" or (f.function, f.file) not in unseen]


def undoes(saving: Finding, cost: Finding) -> bool:
    """Whether a finding of falling cost takes back, but for a tenth, all that one of rising cost names."""
    for name, rise in cost.cost.items():
        fall = saving.cost.get(name)
        if fall is None or fall["after"] - rise["before"] > (rise["after"] - rise["before"]) / 10:
            return False
    return True


def _finding(
    patch: int, function: ChangedFunction, all_ran: Sequence[Ran], changes: list[tuple[Ran, Growth]], relation: Relation
) -> Finding:
    ran, first = changes[0]
    judged = rule("X4")
    cost = {
        f"{WORDS[g.counter]} per PTE, {g.folios}, {one.flavour}": {
            "before": round(g.before, 3),
            "after": round(g.after, 3),
        }
        for one, g in changes
    }
    scenario = {"entry": ran.pair.entry.name, "flavour": ran.flavour, "PTEs": first.ptes, "folios": first.folios,
                "rows": {}, "exact": {"numbers": first.scenario.numbers(), **packed(ran.pair)}}  # fmt: skip
    identity = identity_of("X4", function, json.dumps([first.counter, first.folios]))
    summary = (
        f"{ran.pair.entry.name} does {first.after:.2f} {WORDS[first.counter]} per PTE on {first.folios} folios, "
        f"{first.before:.2f} before the patch."
    )
    empty = State("returned", {})
    return Finding(
        id=identity, rule="X4", category=judged.category, kind="cost", relation=relation,
        severity=judged.severity if relation == "introduced" else "low", patch=patch, fixed_by_patch=None,
        file=function.file, function=function.name,
        line=function.changed_lines[0] if function.changed_lines else 0, summary=summary,
        explanation=_explanation(changes, relation), flavours=tuple(dict.fromkeys(one.flavour for one, _ in changes)),
        scenario=scenario, before=empty, after=empty, reference=None, cost=cost,
        replay=f"review-patch replay REVIEW.json --id {identity}",
        counts=tuple(_counted(one.flavour, row) for one in all_ran for row in one.counted), symbol=function.kind,
    )  # fmt: skip


def _explanation(changes: list[tuple[Ran, Growth]], relation: Relation) -> str:
    moved = "rose" if relation == "introduced" else "fell"
    first = changes[0][1]
    listed = "every count that rose" if moved == "rose" else "of each count that fell the largest fall"
    parts = [f"Counted over {first.ptes} PTEs on simulated memory; {listed} is listed."]
    grows = next((g for _, g in changes if g.quadratic), None)
    if moved == "rose" and grows is not None:
        parts.append(
            "The cost per PTE itself grows with the range: PTEs are scanned again and again, which is quadratic "
            f"({WORDS[grows.counter]} per PTE on {grows.folios} folios: {grows.after:.1f} at {grows.ptes} PTEs, "
            f"{grows.last:.1f} at {grows.most})."
        )
    return " ".join(parts)


def _counted(flavour: str, row: Row) -> Counted:
    """Per PTE, by the names that reports use; counters that stay 0 are left out."""
    used = [name for name in WORDS if row.before[name] or row.after[name]]
    before, after = ({WORDS[n]: round(side[n] / row.ptes, 3) for n in used} for side in (row.before, row.after))
    return Counted(flavour, row.folios, row.ptes, before, after)
