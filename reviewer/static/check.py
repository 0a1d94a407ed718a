# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch brought that the static rules ask about, as findings."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from oracle.flavours import DEFAULT
from oracle.rules import rule
from reviewer.changes.changed import items_in
from reviewer.model import ChangedFunction, Finding, PatchTrees, State, Tree
from reviewer.static.rules import Remark, remarks, static_rules

_SOURCE = re.compile(r"\.[ch]$")


def static_findings(step: PatchTrees, changed: Sequence[ChangedFunction]) -> list[Finding]:
    """Remarks on the changed functions that were not there before, in this or another function: code also moves."""
    names = {(f.name, f.file) for f in changed if f.changed_lines}
    after = _remarks(step.after, {f.file for f in changed if f.changed_lines}, names)
    if not after:
        return []
    known = Counter((r.rule.id, r.what) for r in _remarks(step.before, step.paths, None))
    new = []
    for remark in after:
        if known[remark.rule.id, remark.what] > 0:
            known[remark.rule.id, remark.what] -= 1
        else:
            new.append(remark)
    return [_finding(step.patch.index, remark) for remark in new]


def _remarks(tree: Tree, paths: Iterable[str], names: set[tuple[str, str]] | None) -> list[Remark]:
    """The remarks on these functions, or on all, as the usual flavours compile them; each once."""
    found: dict[tuple[str, str, int], Remark] = {}
    for path in sorted(p for p in paths if _SOURCE.search(p)):
        for flavour in DEFAULT:
            for item in items_in(tree, path, flavour).values():
                if item.kind == "function" and (names is None or (item.name, path) in names):
                    for remark in remarks(item):
                        found.setdefault((remark.rule.id, path, remark.line), remark)
    return list(found.values())


def _finding(patch: int, remark: Remark) -> Finding:
    known = rule(remark.rule.id)
    text = f"{known.id}\0{remark.file}\0{remark.function}\0{remark.what}"
    empty = State("returned", {})
    return Finding(
        id=hashlib.sha256(text.encode()).hexdigest()[:12], rule=known.id, category=known.category, kind="static",
        relation="introduced", severity=known.severity, patch=patch, fixed_by_patch=None, file=remark.file,
        function=remark.function, line=remark.line, summary=remark.summary, explanation=remark.rule.explanation,
        flavours=(), scenario={}, before=empty, after=empty, reference=None,
    )  # fmt: skip


def settle(remarked: Iterable[Finding], proven: Sequence[Finding]) -> list[Finding]:
    """Drop what a counterexample in the same function already shows: that says more than a question."""
    related = {r.id: r.related for r in static_rules()}
    shown = {(f.rule, f.function, f.file) for f in proven if f.relation == "introduced"}
    return [f for f in remarked if not any((name, f.function, f.file) in shown for name in related[f.rule])]
