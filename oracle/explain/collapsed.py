# SPDX-License-Identifier: GPL-2.0-or-later
"""How khugepaged is called on a scenario: the reference's side of collapse.h, collapse_table.h, collapse_scan.h,
collapse_isolate.h, collapse_copy.h and collapse_file.h in oracle/entries/."""

from __future__ import annotations

from oracle.explain.state import REFUSED, Results
from oracle.explain.walks import folio_of
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.table import SLOTS, Rss
from oracle.reference.walkers.collapse import Limits, collapse, collapse_file, may_collapse
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

_PMD_ORDER = 9


def limits(machine: Machine, option: int, order: int) -> Limits:
    """w_limits(), and what the kernel makes of them: smaller sizes are collapsed to only where nothing is missing, or,
    with the default, where not all is (collapse_max_ptes_none(), collapse_max_ptes_shared())."""
    none = (option >> 4) % 512 if option & 8 else 511
    shared = (option >> 6) % 8 if option & 2 else 256
    khugepaged = not option & 1
    vma = machine.vma
    if not khugepaged:
        none = shared = 512
    elif order < _PMD_ORDER:
        none, shared = (1 << order) - 1 if none == 511 else 0, 0
    if vma.uffd_wp or vma.uffd_rwp:
        none = 0
    return Limits(none, shared, khugepaged)


def _range(machine: Machine, scenario: Scenario) -> tuple[int, int]:
    """w_begin_collapse(): order and first slot of what is collapsed."""
    option = scenario.options
    order = 2 + option[1] % 8 if machine.kernel.collapses_any_order and option[1] else _PMD_ORDER
    return order, scenario.start + option[2] % (scenario.end - scenario.start) & ~((1 << order) - 1)


def _hold_all(machine: Machine, n: int) -> None:
    """w_hold_all()."""
    for folio in machine.memory:
        folio.refs += n


def copy(machine: Machine, scenario: Scenario) -> Results:
    """collapse_copy.h; the caller maps the new folio, and counts it once. Why one is refused is not compared."""
    order, slot = _range(machine, scenario)
    into = Folio(FolioKind.ANON, 1 << 20, order)
    _hold_all(machine, -1)
    refused = collapse(machine, slot, into, limits(machine, scenario.options[0], order), small=order < _PMD_ORDER)
    _hold_all(machine, 1)
    if refused:
        return {"returns": REFUSED}
    machine.mm.count(Rss.ANON, -(1 << order))
    assert slot // SLOTS == (slot + (1 << order) - 1) // SLOTS
    return {"returns": 1}


def isolate(machine: Machine, scenario: Scenario) -> Results:
    """collapse_isolate.h: what is to be copied is locked, and nothing if it is not to be. Results 2 and 3: pages taken
    off the lists of what is swapped out, and of what is not."""
    order, slot = _range(machine, scenario)
    _hold_all(machine, -1)
    refused = may_collapse(
        machine, slot, 1 << order, limits(machine, scenario.options[0], order), small=order < _PMD_ORDER
    )
    _hold_all(machine, 1)
    if refused:
        return {"returns": REFUSED}
    mapped = (
        machine.memory.normal(pte) for pte in machine.mm.tables.entries[slot : slot + (1 << order)] if pte.present
    )
    taken = {folio.pfn: folio for folio in mapped if folio is not None}.values()
    for folio in taken:
        folio.locked = True
    anon = sum(folio.nr for folio in taken if folio.swapbacked)
    return {"returns": 1, "result 2": anon, "result 3": sum(folio.nr for folio in taken) - anon}


def file(machine: Machine, scenario: Scenario) -> Results:
    """collapse_file.h: the page cache may have another folio by now, or the table be gone; what maps the folio as a
    whole is undone. Result 0: whether the table is there still; result 1: whether the folio is mapped."""
    gone, install, wire = scenario.options[3] % 16, scenario.options[2] & 1, scenario.folios
    other = gone == 2 and len(wire) > 1 and names("FOLIO_KINDS")[wire[1].kind] != "ANON"
    folio = folio_of(machine, scenario, int(other))
    vma = machine.vma
    if not vma.file or vma.uffd_wp or vma.uffd_rwp:
        return {"result 0": int(gone != 1), "result 1": 0}
    folio.locked = False  # it was waited for
    if gone == 1:
        done = folio.order == _PMD_ORDER
        return {"result 0": 0, "result 1": int(done and install)}
    done = collapse_file(machine, scenario.start // SLOTS * SLOTS, folio)
    return {"result 0": int(not done), "result 1": int(done and install)}


def scan(machine: Machine, scenario: Scenario) -> Results:  # noqa: ARG001 - nothing changes
    """collapse_scan.h: what is worth a collapse is for the kernel to say."""
    return {}
