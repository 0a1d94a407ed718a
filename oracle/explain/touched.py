# SPDX-License-Identifier: GPL-2.0-or-later
"""How faults on what a page table holds are called on a scenario: the reference's side of do_fault_of.h in
oracle/entries/, but for swap entries."""

from __future__ import annotations

from oracle.explain.faults import slot_with
from oracle.explain.start import has
from oracle.explain.state import Results
from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import YOUNG
from oracle.reference.walkers.fault import USERFAULT, first_touch, write_fault
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.numa import hint_fault
from oracle.wire import Scenario

RETRY = 0x400  # VM_FAULTRETRY
_ORDERS = (0, 1 << 4, 0x1FC, 1 << 2 | 1 << 6)
_PRESENT = ("PAGE", "ZERO", "SPECIAL")


def writes(scenario: Scenario) -> bool:
    """w_asked(): no write where none is allowed but by a debugger, in private mappings."""
    how, shared = scenario.options[1], has(scenario.vma, "VMA_BITS", "SHARED")
    return bool(how & 1 and (has(scenario.vma, "VMA_BITS", "WRITE") or (not shared and how & 2)))


def unshares(scenario: Scenario) -> bool:
    """w_asked(): to be pinned for reading, in a private mapping."""
    return not writes(scenario) and bool(scenario.options[1] & 4) and not has(scenario.vma, "VMA_BITS", "SHARED")


def raced(scenario: Scenario) -> bool:
    """w_raced(): what was read without the lock is not what is there."""
    return scenario.options[5] % 16 == 1


def _wants(scenario: Scenario) -> bool:
    return writes(scenario) or unshares(scenario)


def _write(machine: Machine, scenario: Scenario, at: int) -> Results:
    folio, shared = machine.memory.normal(machine.mm.tables[at]), machine.vma.shared
    done = write_fault(machine, at, unshare=unshares(scenario))
    if shared and folio is not None and done != USERFAULT:
        folio.locked = False  # once it is dirty
    return {"returns": RETRY if done == USERFAULT else 0}


def protected(machine: Machine, scenario: Scenario) -> Results:
    """do_wp_page, on an entry that is not writable."""
    at = slot_with(scenario, _PRESENT)
    if at is None:
        return {"returns": 0}
    pte = machine.mm.tables[at]
    odd = machine.vma.shared and pte.pfn == ZERO_PFN
    if odd or pte.write or pte.protnone or not _wants(scenario):
        return {"returns": 0}
    return _write(machine, scenario, at)


def present(machine: Machine, scenario: Scenario, at: int) -> Results:
    """What handle_pte_fault makes of an entry that is present, and that userfaultfd lets be accessed."""
    pte, tables = machine.mm.tables[at], machine.mm.tables
    if pte.protnone:
        return _hinted(machine, scenario, at)
    if _wants(scenario) and not pte.write:
        return _write(machine, scenario, at)
    if writes(scenario):
        tables[at] = machine.kernel.mkdirty(pte).set(YOUNG)
    elif machine.kernel.faults_age:
        tables[at] = pte.set(YOUNG)
    return {"returns": 0}


def _order(machine: Machine, scenario: Scenario, at: int) -> int:
    """alloc_anon_folio(): the largest size that is allowed and fits between VMA, table and other entries."""
    vma, tables = machine.vma, machine.mm.tables
    for order in range(8, 0, -1):
        first = at & -(1 << order)
        slots = range(first, first + (1 << order))
        inside = first >= vma.start and slots.stop <= vma.end
        if _ORDERS[scenario.salt >> 11 & 3] >> order & 1 and inside and all(tables[s].none for s in slots):
            return 0 if vma.uffd_wp else order
    return 0


def missing(machine: Machine, scenario: Scenario) -> Results:
    """do_anonymous_page"""
    kinds = ("NONE", "MARKER_WP", "PAGE") if raced(scenario) else ("NONE", "MARKER_WP")
    at = slot_with(scenario, kinds)
    if at is None or machine.vma.file or (raced(scenario) and not machine.mm.tables[at].none):
        return {"returns": 0}
    return touch(machine, scenario, at)


def touch(machine: Machine, scenario: Scenario, at: int) -> Results:
    """The first access to what holds nothing; who waits for it (userfaultfd_missing() in k_misc.h) is told."""
    if machine.vma.uffd_wp and scenario.salt >> 7 & 1:
        return {"returns": RETRY}
    write, order = writes(scenario), _order(machine, scenario, at)
    folio: Folio | None = machine.new_folio(order) if write else None
    first_touch(machine, at & -(1 << order) if write else at, write, folio)
    return {"returns": 0}


def hinted(machine: Machine, scenario: Scenario) -> Results:
    """do_numa_page"""
    at, vma = slot_with(scenario, _PRESENT), machine.vma
    if at is None or raced(scenario):
        return {"returns": 0}
    pte = machine.mm.tables[at]
    if not pte.protnone or (vma.uffd_rwp and pte.uffd_wp) or (vma.shared and pte.pfn == ZERO_PFN):
        return {"returns": 0}
    return _hinted(machine, scenario, at)


def _hinted(machine: Machine, scenario: Scenario, at: int) -> Results:
    """A page that belongs elsewhere cannot be moved there (k_fault.h)."""
    folio = machine.memory.normal(machine.mm.tables[at])
    hint_fault(machine, at, moving=folio is not None and bool(scenario.salt >> 15 & 1))
    return {"returns": 0}
