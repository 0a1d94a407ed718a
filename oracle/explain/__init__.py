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

from oracle.explain.calls import allowed, call, other_tables, tells, told, traits_of
from oracle.explain.kept import put_back
from oracle.explain.refine import Row, Rows, compare
from oracle.explain.rows import named, rows
from oracle.explain.start import start
from oracle.reference.table import Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario

__all__ = ["Row", "Rows", "closest", "explain", "judge", "start_rows", "tells"]


def start_rows(entry: str, scenario: Scenario, kernel: Kernel) -> Rows:
    """The rows of the state that the entry is called on."""
    machine = _start(entry, scenario, kernel)
    return rows(scenario, machine, machine, *other_tables(entry, scenario, machine.kernel.slots))


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
    zeros = {"PTE": scenario.start, **dict([other_tables(entry, scenario, kernel.slots)])}
    real, allows = told(entry, named(scenario, real)), allowed(entry)
    reference, vma = _reference(entry, scenario, kernel)
    found = compare(reference, real, zeros, vma, allows, kernel.block)
    best = (reference, found)
    if not _unexplained(found):
        return best
    for name, second in _others(entry, scenario, kernel, real, found):
        still = compare(second, real, zeros, vma, allows, kernel.block)
        if not _unexplained(still):
            return second, [replace(row, why=row.why or name) for row in found]
        if _unexplained(still) < _unexplained(best[1]):
            best = (second, still)
    return best


def _others(entry: str, scenario: Scenario, kernel: Kernel, real: Rows, found: list[Row]) -> Iterator[tuple[str, Rows]]:
    """Other right states, by the name of what leaves it open: what an unmap that gives up has done until then
    (kept.py), how much a fault maps beside the page that it is for."""
    before = _start(entry, scenario, kernel)
    same = {r.label for r in found}.isdisjoint({"returns"})
    gave_up = "kept" in allowed(entry) and same and real["returns"] == "0"
    for pfn in [None, *(folio.pfn for folio in before.memory if folio.locked)] if gave_up else []:
        machine = _start(entry, scenario, kernel)
        results = call(entry, machine, scenario)
        put_back(machine, before, _kept(scenario, found, before), pfn)
        yield "kept", _rows(entry, scenario, machine, before, results)
    if "around" in allowed(entry):
        machine = _start(entry, scenario, kernel)
        machine.around = _mapped(scenario, real)
        results = call(entry, machine, scenario)
        yield "around", _rows(entry, scenario, machine, before, results)


def _mapped(scenario: Scenario, real: Rows) -> frozenset[int]:
    """Slots that map a page."""
    at = {label.removeprefix("PTE "): text for label, text in real.items() if label.startswith("PTE ")}
    return frozenset(scenario.start + int(slot) for slot, text in at.items() if "[" in text)


def _unexplained(rows: list[Row]) -> int:
    return sum(not row.why for row in rows)


def _start(entry: str, scenario: Scenario, kernel: Kernel) -> Machine:
    """What a fault meets nobody else holds: it has to see that."""
    return start(scenario, kernel, held="COUNTS_ALONE" not in traits_of(entry))


def _kept(scenario: Scenario, found: list[Row], before: Machine) -> list[int]:
    """Slots that the reference unmapped and that still map the same page."""
    slots = [scenario.start + int(row.label.removeprefix("PTE ")) for row in found if row.label.startswith("PTE ")]
    gone = {row.label for row in found if row.reference in {"none", "uffd-wp marker"} and "[" in row.real}
    return [s for s in slots if before.mm.tables[s].present and f"PTE {s - scenario.start}" in gone]


@lru_cache(maxsize=1)
def _reference(entry: str, scenario: Scenario, kernel: Kernel) -> tuple[Rows, Vma]:
    """The rows of the reference's final state; kept for the several states that one scenario is judged on."""
    machine, before = _start(entry, scenario, kernel), _start(entry, scenario, kernel)
    results = call(entry, machine, scenario)
    return _rows(entry, scenario, machine, before, results), machine.vma


def _rows(entry: str, scenario: Scenario, machine: Machine, before: Machine, results: dict[str, int]) -> Rows:
    found = rows(scenario, machine, before, *other_tables(entry, scenario, machine.kernel.slots))
    found["!ending"] = "returned"
    return found | {label: str(value) for label, value in results.items() if value or label == "returns"}
