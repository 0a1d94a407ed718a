"""Why a finding is one, in two or three sentences: what had to be left, which call did otherwise, whether batches are
to blame. Each sentence rests on a run that was made; where there was none, nothing is said.

What had to be left is the reference's word where it has one on the scenario (a walker takes every PTE alone), else that
of the patched code with its batches forced to one. The call comes from a trace of the run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from oracle.explain import Row, closest
from oracle.explain.collapsed import REFUSED
from oracle.faults import Fault
from oracle.order import LOST, Order, instead, lost
from oracle.runner import RunnerError
from oracle.sides import reasons
from reviewer.errors import SliceError
from reviewer.model import State, Traces
from reviewer.tracing import Call, told, traced
from reviewer.tried import Ran

REFERENCE, FORCED = "reference", "batch=1"

_BITS = {"rw": "write", "exec": "execute", "dirty": "dirty", "young": "young", "soft-dirty": "soft-dirty",
         "uffd-wp": "uffd-wp", "protnone": "protnone", "exclusive": "exclusive"}  # fmt: skip
_FOLD = frozenset(("cont", "dirty", "young"))  # what folding and unfolding a block changes, too


@dataclass(frozen=True)
class Explained:
    """text: the sentences. reference: the state that had to be left, when there is a word on it. row: what is worst
    of what is left. elsewhere: the rule breaks in a function that the patch does not change. traces: both runs."""

    text: str
    reference: State | None
    row: Row | None = None
    elsewhere: bool = False
    traces: Traces | None = None


@dataclass(frozen=True)
class Case:
    """A fault as it is explained. side: the run that is wrong. rows: those that are, the reference's word on each;
    source: whose word that is, empty for nobody's. right: all rows are as the reference has them."""

    fault: Fault
    side: str
    reference: State | None
    rows: tuple[Row, ...]
    right: bool = False

    @property
    def source(self) -> str:
        return self.reference.source if self.reference else ""

    @property
    def returned(self) -> bool:
        return self.fault.outcome.sides[self.side].rows.get("!ending", "returned") == "returned"

    @property
    def worst(self) -> Row:
        """The row that is most wrong, the first of those."""
        return min(self.rows, key=badness)

    @property
    def rule(self) -> str:
        return self.fault.judgement.rule.id


def explained(ran: Ran, fault: Fault, changed: Collection[str]) -> Explained:
    """Explain a fault of a pair. changed: the functions that the patch changes."""
    case, pair = _case(ran, fault), ran.pair
    code = (pair.before.text, pair.after.text)
    try:
        before, after = traced(code, pair.flavour, fault.scenario, changed)
        ordering = fault.judgement.hit.what == LOST
        traces = Traces(told(before, ordering), told(after, ordering))
        calls = before if case.side == "before" else after
    except (SliceError, RunnerError):
        calls, traces = [], None  # the finding stands without it
    forced = "B14" not in ran.result.unasked
    parts = [right(case), call(case, calls), ordered(fault), batches(fault) if forced else ""]
    breaking = {c.function for c in calls if case.rule in c.rules} or {pair.entry.name}
    row = case.worst if case.rows else None
    return Explained(" ".join(filter(None, parts)), case.reference, row, breaking.isdisjoint(changed), traces)


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


_LOST = ("-dirty", "-soft-dirty", "-uffd-wp", "-exclusive")
WRITE, STATE, ENTRY, PAGE, REST = range(5)


def badness(row: Row) -> int:
    """How bad it is that a row is wrong, less is worse: write or execute gained, state lost, other entries, pages,
    the rest."""
    changes = {reason.removeprefix(f"{row.label}\t") for reason in reasons(row)}
    if "PTE " in row.label:
        return WRITE if changes & {"+rw", "+exec"} else STATE if changes & {*_LOST} else ENTRY
    return PAGE if row.label.startswith("page ") else REST


def right(case: Case) -> str:
    """What had to be left."""
    if not case.source or not case.returned:
        return ""
    by_reference = case.source == REFERENCE
    who = "By the reference, which takes each PTE alone," if by_reference else "With batches of one"
    if not case.rows:
        return f"{who} the same state is left: the rule is broken on the way there." if case.right else ""
    row, more = case.worst, len(case.rows) - 1
    also = f"; {more} more row{'s' * (more > 1)} differ{'s' * (more == 1)}" if more else ""
    return f"{who} {_what(row.label)} {'has to be' if by_reference else 'is'} {_value(row)}{also}."


def _what(label: str) -> str:
    return "what it returns" if label == "returns" else label


def _value(row: Row) -> str:
    """The reference's word on a row; entries, pages and counters that it does not list hold nothing."""
    if row.reference:
        return f"'{row.reference}'" if " " in row.reference or not row.reference.isdigit() else row.reference
    return "'none'" if "PTE " in row.label else "0" if "rss" in row.label else "gone"


def call(case: Case, calls: list[Call]) -> str:
    """Which call broke the rule, made the run end, or wrote what is wrong."""
    breaks = next((c for c in calls if case.rule in c.rules), None)
    if breaks is not None:
        ends = (
            "" if case.returned else ", and the run ends there" if breaks is calls[-1] else ", and the run ends later"
        )
        return f"{case.rule} breaks in {breaks.told()}, called in {breaks.function}(){ends}."
    if calls and not case.returned:
        return f"The run ends in {calls[-1].told()}, called in {calls[-1].function}()."
    return _writer(case, calls) if calls and case.rows else ""


def _writer(case: Case, calls: list[Call]) -> str:
    row = case.worst
    at, start = culprit(calls, row), case.fault.outcome.start.get(row.label, "")
    if at is None or _kept(row, start):
        if row.label.startswith(("PTE ", "new PTE ", "child PTE ", "page ")):
            return f"No call of the run {_missing(row, start)} ({case.rule})."
        return ""
    call = calls[at]
    where = f"{call.told()}, called in {call.function}()," if call.name else f"{call.told()}"
    if row.real in {"", "none"} and row.reference:
        return f"{where} clears {row.label}, and nothing is set there after ({case.rule})."
    span = _span(calls, at, row.label)
    if span:
        return f"{where} writes {span} in one call, and {row.label} {_change(row)} ({case.rule})."
    return f"In {where} {row.label} {_change(row)} ({case.rule})."


def _kept(row: Row, start: str) -> bool:
    """Whether a page is only as wrong as it began."""
    return row.label.startswith("page ") and "exclusive" in row.real and "exclusive" in start.split()


def _missing(row: Row, start: str) -> str:
    if _kept(row, start):
        return f"takes exclusive from {row.label}"
    return f"{'changes' if row.label.startswith('page ') else 'writes'} {row.label}"


def culprit(calls: list[Call], row: Row) -> int | None:
    """The call after which a row is as wrong as it stays; none when no call changes it. Of counters, which many calls
    change, only one that is alone."""
    writing = [i for i, c in enumerate(calls) if any(w.label == row.label for w in c.writes)]
    if "PTE " not in row.label and not row.label.startswith("page "):
        return writing[0] if len(writing) == 1 else None
    right, real = set(row.reference.split()), set(row.real.split()) - {"cont"}
    wrong, missed = real - right, right - real
    found = None
    for at in writing:
        words = set(next(w.text for w in reversed(calls[at].writes) if w.label == row.label).split())
        as_wrong = wrong <= words and not missed & words
        found = (at if found is None else found) if as_wrong else None
    return writing[-1] if found is None and writing else found


def _span(calls: list[Call], at: int, label: str) -> str:
    """The entries around one that its call changes with it: "new PTE 0..2", empty when it changes that one only."""
    was: dict[str, str] = {}
    for call in calls[:at]:
        was |= {w.label: w.text for w in call.writes}
    now = {w.label: w.text for w in calls[at].writes}
    table, _, number = label.rpartition(" ")

    def changes(n: int) -> bool:
        one = f"{table} {n}"
        before = was.get(one, "none" if table != "PTE" else "")
        return one in now and bool(set(before.split()) ^ set(now[one].split()) - _FOLD)

    first = last = int(number) if number.lstrip("-").isdigit() else 0
    while changes(first - 1):
        first -= 1
    while changes(last + 1):
        last += 1
    return f"{table} {first}..{last}" if first < last else ""


def _change(row: Row) -> str:
    """What is wrong with a row: "gains write"."""
    right, real = row.reference.split(), row.real.removesuffix(" cont").split()
    rest = [[w for w in words if w not in _BITS and w != "ro"] for words in (right, real)]
    gained = [_BITS[w] for w in real if w in _BITS and w not in right]
    lost = [_BITS[w] for w in right if w in _BITS and w not in real]
    if rest[0] != rest[1] or not gained + lost:
        return f"becomes '{row.real or 'none'}'"
    said = [f"{verb} {' and '.join(bits)}" for verb, bits in (("gains", gained), ("loses", lost)) if bits]
    return " and ".join(said)


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
