# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a finding is one, in two or three sentences: what had to be left, which call did otherwise, whether batches are
to blame. Each sentence rests on a run that was made; where there was none, nothing is said.

What had to be left is the reference's word where it has one on the scenario (a walker takes every PTE alone), else that
of the patched code with its batches forced to one. The call comes from a trace of the run.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from oracle.explain import Row, closest
from oracle.explain.state import REFUSED
from oracle.faults import Fault
from oracle.flavours import FLAVOURS
from oracle.observed import Focus, focus
from oracle.order import LOST, Order, instead, lost
from oracle.results import called, hashed, spoken
from oracle.runner import RunnerError
from oracle.sides import reasons
from reviewer.errors import SliceError
from reviewer.findings.case import FORCED, REFERENCE, Case
from reviewer.findings.culprit import call
from reviewer.findings.tracing import told, traced
from reviewer.model import State, Traces
from reviewer.running.tried import Ran

_AT = re.compile(r" at [^\s:]+:\d+")


@dataclass(frozen=True)
class Explained:
    """text: the sentences; cause: which call it was, without its line. reference: the state that had to be left, when
    there is a word on it. row: what of that which is left the finding is about; telling: it is what the rule reads;
    any: that rule may show in any row. at: where it shows first, by its label. elsewhere: the rule breaks in a function
    that the patch does not change. traces: both runs."""

    text: str
    reference: State | None
    cause: str = ""
    row: Row | None = None
    telling: bool = False
    any: bool = False
    at: str = ""
    elsewhere: bool = False
    traces: Traces | None = None


def explained(ran: Ran, fault: Fault, changed: Collection[str]) -> Explained:
    """Explain a fault of a pair. changed: the functions that the patch changes."""
    pair, bare = ran.pair, _case(ran, fault)
    name = pair.entry.name
    case = replace(bare, rows=spoken(name, bare.rows), about=_about(ran, fault, bare.side), entry=name)
    code = (pair.before.text, pair.after.text)
    try:
        before, after = traced(code, pair.flavour, fault.scenario, changed)
        ordering = fault.judgement.hit.what == LOST
        traces = Traces(told(before, ordering), told(after, ordering))
        calls = before if case.side == "before" else after
    except (SliceError, RunnerError):
        calls, traces = [], None  # the finding stands without it
    forced = "B14" not in ran.result.unasked
    cause = " ".join(filter(None, (call(case, calls) or left(case), ordered(fault))))
    parts = [right(case), cause, batches(fault) if forced else ""]
    breaking = {c.function for c in calls if case.rule in c.rules} or {pair.entry.name}
    first = case.about[0]
    row = case.worst if case.rows else None
    return Explained(
        " ".join(filter(None, parts)), case.reference, _AT.sub("", cause), row,
        telling=row is not None and (first.told(row) or first.here(row)), any=first.reads is None,
        at=next(iter(first.at), ""), elsewhere=breaking.isdisjoint(changed), traces=traces,
    )  # fmt: skip


def _about(ran: Ran, fault: Fault, side: str) -> tuple[Focus, ...]:
    hits, slots = (fault.judgement.hit, fault.worst.hit), 1 << (FLAVOURS[ran.flavour].page_shift - 3)
    return tuple(focus(ran.pair.entry.name, fault.scenario, fault.outcome, hit, side, slots) for hit in hits)


def _case(ran: Ran, fault: Fault) -> Case:
    judged, entry = fault.judgement, ran.pair.entry.name
    side, other = ("before", "after") if judged.relation == "fixed" else ("after", "before")
    real = fault.outcome.sides[side].rows
    if judged.kind == "violation" and fault.sides.told:
        right, differing = closest(entry, fault.scenario, ran.kernel, real)
        told = {label: text for label, text in right.items() if label != "!ending" and text != str(REFUSED)}
        rows = [r for r in differing if not r.why and r.label != "!ending"]
        shared = fault.sides.after if side == "before" else fault.sides.before
        own = rows if judged.relation == "preexisting" else [r for r in rows if reasons(r) - shared]
        return Case(fault, side, State(right["!ending"], told, REFERENCE), tuple(own), not rows)
    if judged.hit.what == LOST:
        return Case(fault, side, None, ())  # no row is wrong
    if judged.hit.relation not in {"batch", "unbatch"}:
        return Case(fault, side, None, _differing(fault.outcome.sides[other].rows, real))
    forced = dict(fault.outcome.sides[f"{side}-one"].rows)
    rows = list(_differing(forced, real))
    return Case(fault, side, State(forced.pop("!ending", "returned"), forced, FORCED), tuple(rows))


def _differing(right: dict[str, str], real: dict[str, str]) -> tuple[Row, ...]:
    labels = dict.fromkeys((*right, *real))
    found = (Row(x, right.get(x, ""), real.get(x, "")) for x in labels if x != "!ending")
    return tuple(r for r in found if r.reference != r.real)


def right(case: Case) -> str:
    """What had to be left."""
    if not case.source or not case.returned:
        return ""
    by_reference = case.source == REFERENCE
    who = "By the reference, which takes each PTE alone," if by_reference else "With batches of one"
    if not case.rows:
        where = ", but for what no row tells of" if case.left else ": the rule is broken on the way there"
        return f"{who} the same state is left{where}." if case.right else ""
    row, more = case.worst, len(case.rows) - 1
    also = f"; {more} more row{'s' * (more > 1)} differ{'s' * (more == 1)}" if more else ""
    value = "something else" if hashed(case.entry, row.label) else _value(row)
    return f"{who} {called(case.entry, row.label)} {'has to be' if by_reference else 'is'} {value}{also}."


def left(case: Case) -> str:
    """Where a rule breaks that is asked when the code under test has returned, and of which no row tells."""
    told = case.rows and case.about and case.about[0].told(case.worst)
    return f"{case.rule} breaks by what {case.entry}() leaves when it returns." if case.left and not told else ""


def _value(row: Row) -> str:
    """The reference's word on a row; entries, pages and counters that it does not list hold nothing."""
    if row.reference:
        return f"'{row.reference}'" if " " in row.reference or not row.reference.isdigit() else row.reference
    counted = "rss" in row.label or row.label.startswith("result ")
    return "'none'" if "PTE " in row.label else "0" if counted else "gone"


def orders_lost(fault: Fault) -> tuple[Order, ...]:
    """What a fault that is one of barriers shows of them."""
    return lost(fault.outcome) if fault.judgement.hit.what == LOST else ()


def ordered(fault: Fault) -> str:
    """What stands in the place of a barrier that is gone."""
    orders = orders_lost(fault)
    if not orders:
        return ""
    now = instead(fault.outcome, orders[0])
    also = f" Gone as well: {'; '.join(map(str, orders[1:3]))}." if orders[1:] else ""
    left = f"only the {now} stands between these two" if now else "nothing of its strength stands between these two"
    return f"After the patch {left}, though they are made in the same order.{also}"


def batches(fault: Fault) -> str:
    """Whether batching is to blame, by the runs with every batch forced to one."""
    judged, forced = fault.judgement, fault.outcome.sides["after-one"]
    alike = {what for what, _ in fault.outcome.codes.get("one", ())}
    match judged.hit.relation:
        case "batch" if judged.hit.what not in alike and not forced.violated:
            return (
                "Forced to batches of one, the patched code leaves what the code before it does: the batch is at fault."
            )
        case "introduced" if judged.rule.id not in forced.violated and forced.ending == 0:
            return f"Forced to batches of one, the patched code keeps {judged.rule.id}: the batch is at fault."
        case "introduced" if judged.rule.id in forced.violated:
            return "Batches forced to one do not help."
        case "plain" if judged.hit.what in alike:
            return "It is the same with batches forced to one: what the function does has changed, not how it batches."
        case "drift":
            return "It does no harm, but it does not come from how PTEs are batched: batches of one show it, too."
        case "opaque":
            return "The result depends on how PTEs are batched, before the patch as well."
    return ""
