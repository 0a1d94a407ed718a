# SPDX-License-Identifier: GPL-2.0-or-later
"""Which call of a run broke the rule, made the run end, or wrote what is wrong; it comes from a trace."""

from __future__ import annotations

from oracle.explain import Row
from reviewer.findings.case import Case
from reviewer.findings.tracing import Call

_BITS = {"rw": "write", "exec": "execute", "dirty": "dirty", "young": "young", "soft-dirty": "soft-dirty",
         "uffd-wp": "uffd-wp", "protnone": "protnone", "kernel-only": "user", "exclusive": "exclusive"}  # fmt: skip
_FOLD = frozenset(("cont", "dirty", "young"))  # what folding and unfolding a block changes, too


def call(case: Case, calls: list[Call]) -> str:
    """Which call broke the rule, made the run end, or wrote what is wrong."""
    breaks = next((c for c in calls if case.rule in c.rules), None)
    if breaks is not None:
        ends = (
            "" if case.returned else ", and the run ends there" if breaks is calls[-1] else ", and the run ends later"
        )
        return f"{case.rule} breaks in {_place(breaks)}{ends}."
    if calls and not case.returned:
        return f"The run ends in {_place(calls[-1])}."
    return _writer(case, calls) if calls and case.rows else ""


def _place(call: Call) -> str:
    """Which call, and in which function, where that is another."""
    return call.told() + (f", called in {call.function}()" if call.name not in ("", call.function) else "")


def _writer(case: Case, calls: list[Call]) -> str:
    row = case.worst
    at, start = culprit(calls, row), case.fault.outcome.start.get(row.label, "")
    if at is None or _kept(row, start):
        if row.label.startswith(("PTE ", "new PTE ", "child PTE ", "page ")):
            return f"No call of the run {_missing(row, start)} ({case.rule})."
        return ""
    call = calls[at]
    where = _place(call) + ("," if call.name not in ("", call.function) else "")
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
