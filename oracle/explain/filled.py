# SPDX-License-Identifier: GPL-2.0-or-later
"""How holes are filled on a scenario: the reference's side of mfill.h, migrate_insert.h and insert_pages.h in
oracle/entries/."""

from __future__ import annotations

from oracle.explain.start import has
from oracle.explain.state import Results
from oracle.explain.walks import folio_of
from oracle.reference.folio import Folio
from oracle.reference.walkers.fill import insert_new, install, install_special
from oracle.reference.walkers.insert import insert_page, insert_pages, insert_pfn, remap
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

_ENOMEM, _EFAULT, _EBUSY, _EEXIST = -12, -14, -16, -17
_MIGRATE = 2  # MIGRATE_PFN_MIGRATE
_NOPAGE = 0x100  # VM_FAULT_NOPAGE
_PFN_SPECIAL = 0x20000


def _slot(scenario: Scenario) -> int:
    return scenario.start + scenario.options[0] % (scenario.end - scenario.start)


def _beyond(machine: Machine, scenario: Scenario) -> bool:
    """w_give_file(): the file may end before the page."""
    return machine.vma.file and scenario.options[3] % 8 == 1


def _page_for(machine: Machine, scenario: Scenario) -> tuple[Folio, int] | None:
    """w_page_for(): of the file, the first that is not mapped; or a new one."""
    option = scenario.options[2]
    for number, wire in enumerate(scenario.folios):
        folio, nr = folio_of(machine, scenario, number), 1 << wire.order
        for i in range(nr if option & 1 and not folio.anon else 0):
            page = (i + option // 2) % nr
            if not folio.mapcounts[page]:
                folio.get()
                folio.locked = False  # by whom filled it
                return folio, page
    return None if machine.vma.shared else (machine.new_folio(), 0)


def page(machine: Machine, scenario: Scenario) -> Results:
    """mfill_atomic_install_pte; whose page it does not take gives it back."""
    found = _page_for(machine, scenario)
    if found is None:
        return {"returns": _ENOMEM}
    protect = bool(scenario.options[1] & 1) and machine.vma.uffd_wp
    beyond = _beyond(machine, scenario)
    if not beyond and install(machine, _slot(scenario), *found, protect):
        return {"returns": 0}
    found[0].put()
    return {"returns": _EFAULT if beyond else _EEXIST}


def _special(machine: Machine, scenario: Scenario, poison: bool) -> Results:
    if _beyond(machine, scenario):
        return {"returns": _EFAULT}
    return {"returns": 0 if install_special(machine, _slot(scenario), poison) else _EEXIST}


def zeropage(machine: Machine, scenario: Scenario) -> Results:
    """mfill_atomic_pte_zeropage; a shared mapping gets a page of its file instead."""
    return {"returns": 0} if machine.vma.shared else _special(machine, scenario, poison=False)


def poison(machine: Machine, scenario: Scenario) -> Results:
    """mfill_atomic_pte_poison"""
    return _special(machine, scenario, poison=True)


def new_page(machine: Machine, scenario: Scenario) -> Results:
    """migrate_vma_insert_page; who waits for missing pages (userfaultfd_missing() in k_misc.h) is asked first."""
    waits = machine.vma.uffd_wp and scenario.salt >> 7 & 1
    done = not waits and insert_new(machine, _slot(scenario), device=bool(scenario.options[1] & 1))
    return {"returns": _MIGRATE if done else 0}


def _file_page(machine: Machine, scenario: Scenario, at: int) -> tuple[Folio, int] | None:
    """w_is_file_page() and w_page_at()."""
    slot = scenario.slots[at - scenario.first]
    if names("SLOT_KINDS")[slot.kind] not in ("CACHED", "PAGE"):
        return None
    folio = folio_of(machine, scenario, slot.folio)
    return None if folio.anon else (folio, slot.index)


def one(machine: Machine, scenario: Scenario) -> Results:
    """insert_page"""
    found, vma = _file_page(machine, scenario, _slot(scenario)), machine.vma
    if found is None:
        return {"returns": 0}
    may = machine.kernel.inserts_writable and vma.shared and not vma.uffd_wp
    done = insert_page(machine, _slot(scenario), *found, write=may and bool(scenario.options[1] & 1))
    return {"returns": 0 if done else _EBUSY}


def several(machine: Machine, scenario: Scenario) -> Results:
    """insert_pages"""
    start, how, slots = _slot(scenario), scenario.options[1], machine.mm.tables.slots
    pages: list[tuple[Folio, int]] = []
    for at in range(start, min(scenario.end, start + (1 + how % slots if how else slots))):
        found = _file_page(machine, scenario, at)
        if found is None:
            break
        pages.append(found)
    left = len(pages) - insert_pages(machine, start, pages)
    return {"returns": _EBUSY if left else 0, "result 0": left}


def pfn(machine: Machine, scenario: Scenario) -> Results:
    """insert_pfn; a hole was read before it was written to: the zero page is there then."""
    at = _slot(scenario)
    kind = names("SLOT_KINDS")[scenario.slots[at - scenario.first].kind]
    pte = machine.mm.tables[at]
    write = bool(scenario.options[1] & 1) and has(scenario.vma, "VMA_BITS", "SHARED")
    write = write and (pte.none or kind in ("SPECIAL", "ZERO"))
    insert_pfn(machine, at, pte.pfn if kind == "SPECIAL" else _PFN_SPECIAL + at, write)
    return {"returns": _NOPAGE}


def pfns(machine: Machine, scenario: Scenario) -> Results:
    """remap_pte_range, on the holes from a slot on."""
    start = end = _slot(scenario)
    while end < scenario.end and machine.mm.tables[end].none:
        end += 1
    remap(machine, start, end, _PFN_SPECIAL + start)
    return {"returns": 0}
