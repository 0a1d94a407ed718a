# SPDX-License-Identifier: GPL-2.0-or-later
"""The headline of a finding: in one sentence what the run leaves that its rule speaks of."""

from __future__ import annotations

from oracle.entries import DIGEST
from oracle.explain import Row
from oracle.faults import Fault
from oracle.observed import apart
from oracle.results import result
from oracle.rules import HARMS, Rule
from reviewer.findings.case import badness
from reviewer.findings.explanation import Explained, orders_lost

# Harm (oracle/rules.py) of a row by its badness.
_CLASSES = [HARMS.index(harm) for harm in ("write", "lost", "lost", "count", "count")]
_ENDINGS = {
    "crash: bad memory access": "an access outside all memory", "BUG": "a BUG check that fires",
    "undefined behaviour": "what C leaves undefined: an index past its array, a shift too far or a division by 0",
    "step budget": "a loop over PTEs that does not end", "timeout": "a loop that does not end",
}  # fmt: skip


def headline(entry: str, fault: Fault, told: Explained) -> str:
    """What shows of the rule that explains it; where no row tells of that, the rule; how a run ended goes first."""
    judged = fault.judgement
    past = judged.relation == "fixed"
    ending = fault.outcome.sides["before" if past else "after"].rows.get("!ending", "returned")
    if ending != "returned":
        return f"{entry} {'ended' if past else 'ends'} in {_ENDINGS.get(ending, ending)}."
    if orders := orders_lost(fault):
        return f"{entry} no longer runs {orders[0]}."
    row = told.row
    if row is None or not (told.telling or _worst(fault, told, row)):
        return f"{entry} {_broken(judged.rule, told.at, past)}: {judged.rule.title}."
    return _left(entry, row, past, told.at, by_reference=told.reference is not None)


def _broken(rule: Rule, at: str, past: bool) -> str:
    """How a rule was broken, up to the colon before what it asks for: that is no fact of the run, and told apart."""
    kept = f"{'did' if past else 'does'} not keep to this"
    if at and (rule.category, rule.harm) == ("tlb", "stale"):
        return f"{'left' if past else 'leaves'} {at} with a stale translation and {kept}"
    return f"{kept}{f' at {at}' if at else ''}"


def _worst(fault: Fault, told: Explained, row: Row) -> bool:
    """Whether a row shows the worst that comes of a rule of which no row in particular tells."""
    return told.any and fault.worst.harm >= _CLASSES[badness(row)]


def _left(entry: str, row: Row, past: bool, at: str, *, by_reference: bool) -> str:
    when, be = ("after", "is") if past else ("before", "was")
    what = result(entry, row.label)
    if what.endswith(DIGEST):
        other = "it has to be" if by_reference else f"it {be} {when} the patch"
        where = f", first at {at}" if at else ""
        return f"{entry} {'changed' if past else 'changes'} {what.removesuffix(DIGEST)}: not what {other}{where}."
    right, real = (text or _nothing(row) for text in apart(row))
    if row.label == "returns":
        other = f"where it {'returns' if past else 'returned'} {right} {when} the patch"
        where = f"where {right} is right" if by_reference else other
        return f"{entry} {'returned' if past else 'returns'} {real} {where}."
    other = f"where it {be} left as {right!r} {when} the patch"
    where = f"where {right!r} is right" if by_reference else other
    return f"{entry} {'left' if past else 'leaves'} {what or row.label} as {real!r} {where}."


def _nothing(row: Row) -> str:
    """What a row says that is not there: entries hold nothing, counters are 0."""
    if "PTE " in row.label:
        return "none"
    return "0" if row.label.startswith(("rss", "child rss", "result", "swap")) else "nothing"
