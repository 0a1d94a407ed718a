# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings about cost: what rose or fell, in words, and every count behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from oracle.cost import Growth, Row, growth
from oracle.rules import rule
from reviewer.findings.findings import identity_of, packed
from reviewer.findings.suspects import named
from reviewer.model import ChangedFunction, Counted, Finding, Relation, State
from reviewer.running.tried import Ran
from reviewer.words import count

WORDS = {
    "ptep_get": "ptep_get calls", "pte_read": "PTE reads", "pte_write": "PTE writes", "tlb_flush": "TLB flushes",
    "tlb_pages": "pages invalidated", "fold": "contpte folds", "unfold": "contpte unfolds",
    "folio_lookup": "folio lookups", "page_touch": "struct page accesses", "rmap_op": "rmap operations",
    "ref_op": "reference updates", "lock": "lock operations", "atomic": "atomic operations", "call": "calls",
}  # fmt: skip


def cost_findings(
    patch: int, entry: str, changed: Sequence[ChangedFunction], ran: Sequence[Ran], others: Sequence[Finding] = ()
) -> list[Finding]:
    """One finding of all that rose in one entry over its flavours, one of all that fell. others: what was found of the
    patch else: to do right what was left out has its price, and to leave it out is no saving."""
    found = []
    names = {(f.name, f.file) for f in changed}
    wrong = {f.relation for f in others if f.kind == "violation" and (f.function, f.file) in names}
    relations: tuple[tuple[Relation, Relation, bool], ...] = (
        ("introduced", "fixed", False),
        ("fixed", "introduced", True),
    )
    for relation, price, falling in relations:
        changes = [(one, g) for one in ran for g in growth(one.counted, falling) if price not in wrong or g.quadratic]
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
    told = _telling(changes)
    ran, first = told[0]
    judged = rule("X4")
    cost = {
        f"{_words(g.counter, g.part)} per PTE, {g.folios}, {one.flavour}": {
            "before": round(g.before, 3),
            "after": round(g.after, 3),
        }
        for one, g in changes
    }
    scenario = {"entry": ran.pair.entry.name, "flavour": ran.flavour, "PTEs": first.ptes, "folios": first.folios,
                "rows": {}, "exact": {"numbers": first.scenario.numbers(), **packed(ran.pair)}}  # fmt: skip
    causes = _causes(changes, told, relation)
    identity = identity_of("X4", function, json.dumps([first.counter, first.folios]))
    empty = State("returned", {})
    return Finding(
        id=identity, rule="X4", category=judged.category, kind="cost", relation=relation,
        severity=judged.severity if relation == "introduced" else "low", patch=patch, fixed_by_patch=None,
        file=function.file, function=function.name,
        line=function.changed_lines[0] if function.changed_lines else 0, summary=_summary(ran, first),
        explanation=" ".join((_counting(told, relation), *causes)), cause=" ".join(causes),
        flavours=tuple(dict.fromkeys(one.flavour for one, _ in changes)),
        scenario=scenario, before=empty, after=empty, reference=None, cost=cost,
        replay=f"review-patch replay REVIEW.json --id {identity}",
        counts=tuple(_counted(one.flavour, row) for one in all_ran for row in one.counted), symbol=function.kind,
    )  # fmt: skip


def _telling(changes: list[tuple[Ran, Growth]]) -> list[tuple[Ran, Growth]]:
    """What changed of the class and flavour to tell first: what is quadratic, else where most of the counts moved."""
    sorts = [(not g.quadratic, one.flavour, g.folios) for one, g in changes]
    lead = min(sorts, key=lambda sort: (sort[0], -sorts.count(sort), sorts.index(sort)))
    return [change for change, sort in zip(changes, sorts, strict=True) if sort == lead]


def _words(counter: str, part: str) -> str:
    return f"{part}s" if counter == "call" else WORDS[counter]


def _summary(ran: Ran, g: Growth) -> str:
    name, where = ran.pair.entry.name, f"before the patch ({g.folios} on {ran.flavour})."
    if g.counter == "call":
        return f"{name} takes {count(g.calls, g.part)} for {g.ptes} PTEs, {g.before * g.ptes:.0f} {where}"
    return f"{name} does {g.after:.2f} {WORDS[g.counter]} per PTE, {g.before:.2f} {where}"


def _counting(told: list[tuple[Ran, Growth]], relation: Relation) -> str:
    listed = "rise" if relation == "introduced" else "fall"
    return f"Counted over {told[0][1].ptes} PTEs on simulated memory; of each count the largest {listed} is listed."


def _causes(changes: list[tuple[Ran, Growth]], told: list[tuple[Ran, Growth]], relation: Relation) -> list[str]:
    """What it comes of: how many calls it takes, and whether it grows with the range."""
    first, parts = told[0][1], []
    if first.part:
        totals = (
            f"{_words(g.counter, g.part)} from {g.before * g.ptes:.0f} to {g.after * g.ptes:.0f}" for _, g in told
        )
        parts.append(f"Each was asked for once, which takes {count(first.calls, first.part)} now: {', '.join(totals)}.")
    grows = next((g for _, g in changes if g.quadratic), None)
    if relation == "introduced" and grows is not None:
        parts.append(
            "The cost per PTE itself grows with the range: PTEs are scanned again and again, which is quadratic "
            f"({_words(grows.counter, grows.part)} per PTE, {grows.folios}: {grows.after:.1f} at {grows.ptes} PTEs, "
            f"{grows.last:.1f} at {grows.most})."
        )
    return parts


def _counted(flavour: str, row: Row) -> Counted:
    """Per PTE, by the names that reports use; counters that stay 0 are left out."""
    used = [name for name in WORDS if row.before[name] or row.after[name]]
    before, after = (
        {_words(n, row.part): round(side[n] / row.ptes, 3) for n in used} for side in (row.before, row.after)
    )
    return Counted(flavour, row.folios, row.ptes, before, after)
