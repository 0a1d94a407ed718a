# SPDX-License-Identifier: GPL-2.0-or-later
"""Found mutants turned round, from the mutant to the original: a slip that is mended is called fixed, and is never a
violation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.model import Kind, Relation, Review

WORDS = {
    "fixed": "called fixed or made cheaper",
    "alarm": "called a violation or dearer",
    "asked": "a question, as the mutant was",
    "question": "a question only",
    "silent": "nothing seen",
}
What = Literal["fixed", "alarm", "asked", "question", "silent"]
LEFT = ("question", "silent")
# The relation and the kinds of the findings that say so, the weightiest first.
_TOLD: dict[What, tuple[Relation, Sequence[Kind]]] = {
    "alarm": ("introduced", ("violation", "cost")),
    "fixed": ("fixed", ("violation", "cost")),
    "question": ("introduced", ("behaviour",)),
}


@dataclass(frozen=True)
class Back:
    """What came of the way back. rules: of the findings that say so."""

    what: What
    rules: tuple[str, ...] = ()


def back(there: Review, done: Review) -> Back:
    """there: the review of the mutant."""
    told = {what: _rules(done, relation, kinds) for what, (relation, kinds) in _TOLD.items()}
    what: What = next((what for what, rules in told.items() if rules), "silent")
    asked = not _rules(there, *_TOLD["alarm"])
    return Back("asked" if asked and what in LEFT else what, told.get(what, ()))


def _rules(done: Review, relation: Relation, kinds: Sequence[Kind]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.rule for f in done.findings if f.relation == relation and f.kind in kinds))


def document(found: Sequence[Back]) -> dict[str, int]:
    """The score: how many slips were turned round, and what came of them. What was a question there is no slip."""
    counts = {what: sum(b.what == what for b in found) for what in WORDS}
    return {"mutants": len(found) - counts["asked"], **counts}
