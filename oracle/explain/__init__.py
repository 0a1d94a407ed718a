# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference as the third column of a judgement: what an entry leaves of a scenario when every entry of the
table is handled alone, in the rows that the runner prints for the real code.

    explain("move_ptes", scenario, kernel)      the rows of the state that has to be left
    judge("move_ptes", scenario, kernel, real)  the rows of the real code's state that differ, and why they may
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from oracle.explain.calls import CALLS, other_tables
from oracle.explain.collapsed import REFUSED
from oracle.explain.kept import put_back
from oracle.explain.refine import Ran, Row, Rows, compare
from oracle.explain.rows import named, rows
from oracle.explain.start import start
from oracle.explain.told import AGES, ALONE, AROUND, UNSAID, UNTOLD, unfailing
from oracle.order import row_of
from oracle.reference.table import Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine
from oracle.wire import AGENT, Scenario, names, words

__all__ = ["CALLS", "Row", "Rows", "closest", "explain", "judge", "start_rows", "tells"]


def tells(entry: str, scenario: Scenario) -> bool:
    """Whether the reference has a word on this: there is a walker, all in the table are PTEs, and nothing but the code
    under test acts or fails."""
    if entry not in CALLS or scenario.mm & AGENT or unfailing(entry, scenario) != scenario:
        return False
    if entry in UNTOLD and UNTOLD[entry](scenario):
        return False
    return all(names("SLOT_KINDS")[x.kind] != "PMD" for x in scenario.slots)


def start_rows(entry: str, scenario: Scenario, kernel: Kernel) -> Rows:
    """The rows of the state that the entry is called on."""
    machine = _start(entry, scenario, kernel)
    return rows(scenario, machine, machine, *other_tables(entry, scenario))


def explain(entry: str, scenario: Scenario, kernel: Kernel) -> Rows:
    """The rows of the state that the entry has to leave. Raises KeyError for an entry without a walker."""
    return dict(_reference(entry, scenario, kernel)[0])


def judge(entry: str, scenario: Scenario, kernel: Kernel, real: Rows) -> list[Row]:
    """The rows in which the real code's final state is not the reference's, each with the name of what allows it, if
    anything does (refine.py; "kept" is kept.py's)."""
    return closest(entry, scenario, kernel, real)[1]


def closest(entry: str, scenario: Scenario, kernel: Kernel, real: Rows) -> tuple[Rows, list[Row]]:
    """The state that has to be left, and the rows in which the real one differs; of several right states (_others)
    the one that is nearest to it."""
    zeros = {"PTE": scenario.start, **dict([other_tables(entry, scenario)])}
    real, what = _told(entry, named(scenario, real)), Ran(entry == "change_pte_range", entry in AGES)
    reference, vma = _reference(entry, scenario, kernel)
    found = compare(reference, real, zeros, vma, what)
    best = (reference, found)
    if not _unexplained(found):
        return best
    for name, second in _others(entry, scenario, kernel, real, found):
        still = compare(second, real, zeros, vma, what)
        if not _unexplained(still):
            return second, [replace(row, why=row.why or name) for row in found]
        if _unexplained(still) < _unexplained(best[1]):
            best = (second, still)
    return best


def _others(entry: str, scenario: Scenario, kernel: Kernel, real: Rows, found: list[Row]) -> Iterator[tuple[str, Rows]]:
    """Other right states, by the name of what leaves it open: what an unmap that gives up has done until then
    (kept.py), how much a fault maps beside the page that it is for."""
    before = _start(entry, scenario, kernel)
    gave_up = (
        entry == "try_to_unmap_one" and {r.label for r in found}.isdisjoint({"returns"}) and real["returns"] == "0"
    )
    for pfn in [None, *(folio.pfn for folio in before.memory if folio.locked)] if gave_up else []:
        machine = _start(entry, scenario, kernel)
        results = CALLS[entry](machine, scenario)
        put_back(machine, before, _kept(scenario, found, before), pfn)
        yield "kept", _rows(entry, scenario, machine, before, results)
    if entry in AROUND:
        machine = _start(entry, scenario, kernel)
        machine.around = _mapped(scenario, real)
        results = CALLS[entry](machine, scenario)
        yield "around", _rows(entry, scenario, machine, before, results)


def _mapped(scenario: Scenario, real: Rows) -> frozenset[int]:
    """Slots that map a page."""
    at = {label.removeprefix("PTE "): text for label, text in real.items() if label.startswith("PTE ")}
    return frozenset(scenario.start + int(slot) for slot, text in at.items() if "[" in text)


def _told(entry: str, real: Rows) -> Rows:
    """The real rows that the reference has a word on: it calls nothing, knows no barriers, and says of a collapse only
    whether it was done."""
    dropped = {"stub calls", *map(row_of, words("BARRIERS")), *UNSAID.get(entry, ())}
    rows = {label: text for label, text in real.items() if label not in dropped}
    if entry.startswith("__collapse_huge_page_") and rows.get("returns") != "1":
        rows["returns"] = str(REFUSED)
    return rows


def _unexplained(rows: list[Row]) -> int:
    return sum(not row.why for row in rows)


def _start(entry: str, scenario: Scenario, kernel: Kernel) -> Machine:
    """What a fault meets nobody else holds: it has to see that."""
    return start(scenario, kernel, held=entry not in ALONE)


def _kept(scenario: Scenario, found: list[Row], before: Machine) -> list[int]:
    """Slots that the reference unmapped and that still map the same page."""
    slots = [scenario.start + int(row.label.removeprefix("PTE ")) for row in found if row.label.startswith("PTE ")]
    gone = {row.label for row in found if row.reference in {"none", "uffd-wp marker"} and "[" in row.real}
    return [s for s in slots if before.mm.tables[s].present and f"PTE {s - scenario.start}" in gone]


@lru_cache(maxsize=1)
def _reference(entry: str, scenario: Scenario, kernel: Kernel) -> tuple[Rows, Vma]:
    """The rows of the reference's final state; kept for the several states that one scenario is judged on."""
    machine, before = _start(entry, scenario, kernel), _start(entry, scenario, kernel)
    results = CALLS[entry](machine, scenario)
    return _rows(entry, scenario, machine, before, results), machine.vma


def _rows(entry: str, scenario: Scenario, machine: Machine, before: Machine, results: dict[str, int]) -> Rows:
    found = rows(scenario, machine, before, *other_tables(entry, scenario))
    found["!ending"] = "returned"
    return found | {label: str(value) for label, value in results.items() if value or label == "returns"}
