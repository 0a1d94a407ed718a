# SPDX-License-Identifier: GPL-2.0-or-later
"""From faults to findings: one for each cause, merged over flavours, with words a reviewer can check."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from oracle.entries import OWN_FAILING
from oracle.faults import Fault
from oracle.rules import HARMS, rule
from oracle.runner import Outcome
from reviewer.building.pair import Pair
from reviewer.findings.blame import Place
from reviewer.findings.clusters import Cluster, clusters
from reviewer.findings.explanation import Explained, explained
from reviewer.findings.headline import headline
from reviewer.limits import CODE
from reviewer.model import ChangedFunction, Finding, Hunk, PatchTrees, Severity, State
from reviewer.running.tried import Ran
from reviewer.support.bounded import inflated
from reviewer.words import listing


def findings(
    step: PatchTrees, changed: Sequence[ChangedFunction], ran: Sequence[Ran], promise: str = ""
) -> list[Finding]:
    """The findings of one entry at one patch, over its flavours in their order. changed: all that the patch changes;
    promise: the words in which the patch's message says that behaviour stays as it is."""
    names = frozenset(f.name for f in changed)
    return [
        finding_of(step.patch.index, cluster, explained(cluster.shown.ran, cluster.shown.fault, names), promise)
        for cluster in clusters(step, changed, ran)
    ]


def once(found: Sequence[Finding]) -> list[Finding]:
    """Each cause once: what a helper does shows through every entry that was run. Mended is only what no entry shows
    in that function any more; that something else comes of it then is what mending means."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in found:
        lines = (f.hunk.lines, f.hunk.removed) if f.hunk is not None and f.hunk.mends else f.rule
        groups.setdefault((f.kind, f.relation, f.function, f.file, lines), []).append(f)
    # A change of behaviour that comes of what does wrong is part of that.
    kept = [
        _leading(group)
        for key, group in groups.items()
        if key[0] == "cost" or ("violation", *key[1:]) not in groups.keys() - {key}
    ]
    broken = {(name, f.function, f.file) for f in kept if f.relation != "fixed" for name in (f.rule, *f.also)}
    true = [
        f for f in kept if (f.kind, f.relation) != ("violation", "fixed") or (f.rule, f.function, f.file) not in broken
    ]
    mended = {(f.function, f.file) for f in true if f.relation == "fixed" and f.kind == "violation"}
    return [f for f in true if f.severity != "question" or f.kind != "behaviour" or (f.function, f.file) not in mended]


def _leading(group: Sequence[Finding]) -> Finding:
    """The finding of one cause whose rule is worst, with the names of the rules that the others break."""
    first = min(group, key=lambda f: (HARMS.index(rule(f.rule).harm), rule(f.rule).rank))
    also = dict.fromkeys(name for f in (first, *group) for name in (*f.also, f.rule))
    also.pop(first.rule)
    flavours = dict.fromkeys(name for f in (first, *group) for name in f.flavours)
    return replace(first, also=tuple(also), flavours=tuple(flavours))


def finding_of(patch: int, cluster: Cluster, told: Explained, promise: str = "") -> Finding:
    """A finding of one cause. told: what explains it."""
    ran, fault, place = cluster.shown.ran, cluster.shown.fault, cluster.place
    judged, function = fault.judgement, place.function
    scenario = _scenario(ran, fault)
    identity = identity_of(judged.rule.id, function, scenario["exact"]["numbers"])
    return Finding(
        id=identity, rule=judged.rule.id, category=judged.rule.category, kind=judged.kind, relation=judged.relation,
        severity=_severity(fault, promise, told), patch=patch, fixed_by_patch=None, file=function.file,
        function=function.name, line=function.changed_lines[0] if function.changed_lines else 0,
        summary=headline(ran.pair.entry.name, fault, told),
        explanation=f"{told.text} {_seen(cluster, promise)}".lstrip(),
        flavours=cluster.flavours, scenario=scenario, before=state_of(fault.outcome, "before"),
        after=state_of(fault.outcome, "after"), reference=told.reference,
        replay=f"review-patch replay REVIEW.json --id {identity}", hunk=_hunk(place), symbol=function.kind,
        also=fault.also, cause=f"{_promised(cluster, promise)}{told.cause}", traces=told.traces,
    )  # fmt: skip


def _hunk(place: Place) -> Hunk | None:
    """The lines of a place, if the patch has a part in it."""
    lines, removed = place.changed_lines, place.removed_lines
    return Hunk(place.file, lines, removed, place.how == "experiment", place.others, place.of) if place.of else None


def _severity(fault: Fault, promise: str, told: Explained) -> Severity:
    judged = fault.judgement
    if judged.relation == "preexisting" and told.elsewhere:
        return "low"  # none of the patch's business
    if judged.kind == "behaviour":
        return "medium" if promise else "question"
    if judged.hit.relation == "plain":
        return "medium"
    return judged.rule.severity


def identity_of(rule_id: str, function: ChangedFunction, numbers: str) -> str:
    text = f"{rule_id}\0{function.file}\0{function.name}\0{numbers}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _scenario(ran: Ran, fault: Fault) -> dict[str, Any]:
    s = fault.scenario
    options = dict(zip(ran.pair.entry.options, s.options, strict=False))
    return {
        "entry": ran.pair.entry.name, "flavour": ran.flavour, "PTEs": s.end - s.start,
        **{name: value for name, value in options.items() if value},
        **({OWN_FAILING: s.fails} if s.fails and OWN_FAILING not in ran.pair.entry.options else {}),
        "rows": dict(fault.outcome.start), "exact": {"numbers": s.numbers(), **packed(ran.pair)},
    }  # fmt: skip


def packed(pair: Pair) -> dict[str, str]:
    """Both slices, compressed, so that a finding can be replayed without the tree."""
    return {
        side: base64.b85encode(zlib.compress(text.encode(), 9)).decode()
        for side, text in (("before", pair.before.text), ("after", pair.after.text))
    }


def unpacked(code: Mapping[str, str]) -> tuple[str, str]:
    """The slices of packed(). Raises ValueError when they are damaged, ReviewError when they are too large."""
    try:
        packed = (base64.b85decode(code[side]) for side in ("before", "after"))
        before, after = (inflated(data, CODE, "the code in this finding").decode() for data in packed)
    except (KeyError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError("the code in this finding is damaged") from error
    return before, after


def state_of(outcome: Outcome, name: str) -> State:
    """The final state of one run, for people."""
    rows = dict(outcome.sides[name].rows)
    ending = rows.pop("!ending", "returned")
    violated = outcome.sides[name].violated
    if violated:
        rows["rules broken"] = ", ".join(sorted(violated))
    return State(ending, rows)


def _seen(cluster: Cluster, promise: str) -> str:
    """What the patch says of it, what breaks with it, and how often it shows."""
    fault = cluster.shown.fault
    mine = [m for m in cluster.members if fault.judgement.rule.id in m.fault.rules]
    count = sum(m.judged.count for m in mine)
    total = sum(ran.result.scenarios for ran in {m.ran.flavour: m.ran for m in mine}.values())
    least = "" if all(m.judged.sure and m.judged.rule == fault.judgement.rule for m in mine) else "At least "
    also = f"With it {listing(fault.also)} break{'s' * (len(fault.also) == 1)}. " if fault.also else ""
    return f"{_promised(cluster, promise)}{also}{least}{count} of {total} scenarios show it."


def _promised(cluster: Cluster, promise: str) -> str:
    told = promise and cluster.shown.fault.judgement.kind == "behaviour"
    return f'The message of the patch promises otherwise: "{promise}". ' if told else ""
