"""From faults to findings: one for each cause, merged over flavours, with words a reviewer can check."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oracle.campaign import Fault
from oracle.entries import OWN_FAILING
from oracle.runner import Outcome
from reviewer.explanation import Explained, explained, orders_lost
from reviewer.model import ChangedFunction, Finding, Severity, State
from reviewer.pair import Pair
from reviewer.slicing.emit import Slice
from reviewer.tried import Ran

Read = Callable[[str], bytes | None]
# A rule, or the category of one -> what a line that breaks such a rule most likely calls.
_TELLING = {
    "batch": "pte_batch|FPB_", "set": "set_pte|_ptes\\b|ptep_", "contpte": "contpte|cont", "dirty": "dirty|uffd_wp",
    "exclusive": "AnonExclusive|anon_rmap", "swap": "swap|swp", "refs": "rmap|folio_(get|put|ref)|mm_counter|rss",
    "tlb": "flush|tlb_", "locks": "lock|lazy_mmu", "E3": "dup_anon_rmap", "E5": "share_anon_rmap",
}  # fmt: skip


def findings(
    patch: int, entry: str, changed: Sequence[ChangedFunction], ran: Sequence[Ran], read: Read, promise: str = ""
) -> list[Finding]:
    """The findings of one entry at one patch, over its flavours in their order. changed: what it reaches; read: a
    file of the tree; promise: the words in which the patch's message says that behaviour stays as it is."""
    groups: dict[tuple[str, str, str], list[tuple[Ran, Fault]]] = {}
    for one in ran:
        for fault in one.result.faults:
            judged = fault.judgement
            groups.setdefault((judged.rule.id, judged.relation, judged.kind), []).append((one, fault))
    names = frozenset(f.name for f in changed)
    found = []
    for group in groups.values():
        told = explained(group[0][0].pair, group[0][1], names, read)
        finding = finding_of(patch, at_fault(entry, changed, *group[0]), group, told, promise)
        # What the tree does wrong elsewhere is none of the patch's business.
        ours = finding.relation != "preexisting" or names & (told.breaking or {entry})
        found.append(finding if ours else replace(finding, severity="low"))
    return found


def named(entry: str, changed: Sequence[ChangedFunction]) -> ChangedFunction:
    """The changed function to name when no run tells: not what was removed, a helper before the entry itself."""
    there = [f for f in changed if f.changed_lines] or list(changed)
    return next((f for f in there if f.name != entry), there[0])


def at_fault(entry: str, changed: Sequence[ChangedFunction], ran: Ran, fault: Fault) -> ChangedFunction:
    """The changed function that the smallest scenario runs through, with the changed lines it runs.

    Of several, one whose lines call what the rule is about; of its lines then, only those."""
    hit: list[ChangedFunction] = []
    told: list[ChangedFunction] = []
    broken = fault.judgement.rule
    telling = re.compile(_TELLING.get(broken.id) or _TELLING.get(broken.category, "$^"))
    for function in changed:
        lines = _lines_run(function, ran.pair.after, fault.reached)
        if lines:
            hit.append(replace(function, changed_lines=tuple(lines)))
        if called := tuple(n for n, text in lines.items() if telling.search(text)):
            told.append(replace(function, changed_lines=called))
    return named(entry, told or hit or changed)


def _lines_run(function: ChangedFunction, side: Slice, reached: frozenset[int]) -> dict[int, str]:
    """Number and text of the changed lines that a run with these probes went through."""
    item = side.functions.get(function.name)
    if item is None:
        return {}
    text = item.text.splitlines()
    probes = [side.probes[i] for i in reached if side.probes[i].function == function.name]
    at = sorted({n for p in probes for n in function.changed_lines if p.first <= n <= p.last})
    return {n: text[n - item.line] for n in at if n - item.line < len(text)}


def finding_of(
    patch: int, function: ChangedFunction, group: list[tuple[Ran, Fault]], told: Explained, promise: str = ""
) -> Finding:
    """A finding of one cause, by the fault of each flavour that shows it. told: what explains it."""
    ran, fault = group[0]
    judged = fault.judgement
    scenario = _scenario(ran, fault)
    flavours = tuple(dict.fromkeys(one.flavour for one, _ in group))
    identity = identity_of(judged.rule.id, function, scenario["exact"]["numbers"])
    return Finding(
        id=identity, rule=judged.rule.id, category=judged.rule.category, kind=judged.kind, relation=judged.relation,
        severity=_severity(fault, promise), patch=patch, fixed_by_patch=None, file=function.file,
        function=function.name, line=function.changed_lines[0] if function.changed_lines else 0,
        summary=_summary(ran, fault), explanation=f"{told.text} {_seen(fault, group, promise)}".lstrip(),
        flavours=flavours, scenario=scenario, before=state_of(fault.outcome, "before"),
        after=state_of(fault.outcome, "after"), reference=told.reference,
        replay=f"review-patch replay REVIEW.json --id {identity}",
    )  # fmt: skip


def _severity(fault: Fault, promise: str) -> Severity:
    judged = fault.judgement
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
    """The slices of packed(). Raises ValueError when they are damaged."""
    try:
        before, after = (zlib.decompress(base64.b85decode(code[side])).decode() for side in ("before", "after"))
    except (KeyError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError("the code in this finding is damaged") from error
    return before, after


_ENDINGS = {
    "crash: bad memory access": "an access outside all memory", "BUG": "a BUG check that fires",
    "step budget": "a loop over PTEs that does not end", "timeout": "a loop that does not end",
}  # fmt: skip


def state_of(outcome: Outcome, name: str) -> State:
    """The final state of one run, for people."""
    rows = dict(outcome.sides[name].rows)
    ending = rows.pop("!ending", "returned")
    violated = outcome.sides[name].violated
    if violated:
        rows["rules broken"] = ", ".join(sorted(violated))
    return State(ending, rows)


def _changed_rows(outcome: Outcome, first: str, second: str) -> list[str]:
    a, b = outcome.sides[first].rows, outcome.sides[second].rows
    return [label for label in {**a, **b} if a.get(label) != b.get(label)]


def _summary(ran: Ran, fault: Fault) -> str:
    entry, judged = ran.pair.entry.name, fault.judgement
    rows = [r for r in _changed_rows(fault.outcome, "before", "after") if r != "!ending"]
    after = fault.outcome.sides["after"].rows
    if judged.relation == "introduced" and after.get("!ending", "returned") != "returned":
        ending = after["!ending"]
        return f"{entry} ends in {_ENDINGS.get(ending, ending)}."
    if orders := orders_lost(fault):
        return f"{entry} no longer runs {orders[0]}."
    if judged.relation == "introduced" and rows:
        where = rows[0]
        was, now = fault.outcome.sides["before"].rows.get(where, "nothing"), after.get(where, "nothing")
        return f"{entry} leaves {where} as '{now}' where it was left as '{was}' before the patch."
    return f"{entry} does not keep to this: {judged.rule.title}."


def _seen(fault: Fault, group: list[tuple[Ran, Fault]], promise: str) -> str:
    """What the patch says of it, how often it shows, and what else breaks."""
    count = sum(f.judgement.hit.count for _, f in group)
    total = sum(r.result.scenarios for r, _ in group)
    told = promise and fault.judgement.kind == "behaviour"
    word = f'The message of the patch promises otherwise: "{promise}". ' if told else ""
    also = f"The same scenario breaks {', '.join(fault.also)} too. " if fault.also else ""
    return f"{word}{also}{count} of {total} scenarios show it."
