# SPDX-License-Identifier: GPL-2.0-or-later
"""khugepaged: __collapse_huge_page_isolate(), __collapse_huge_page_copy() and try_collapse_pte_mapped_thp(),
mm/khugepaged.c.

The pages that a range maps are copied into one large folio. First every entry is asked whether it may; the table is
unlinked and flushed meanwhile, so nobody writes. Then each page is copied and its entry given back, or none is.
"""

from __future__ import annotations

from dataclasses import dataclass

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import NONE, Pte
from oracle.reference.table import Rss, rss_of
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.madvise import free_swap


@dataclass(frozen=True)
class Limits:
    """max_ptes_none, max_ptes_shared: how many entries may be none (or the zero page), or map a page that others map.
    khugepaged: it runs on its own; MADV_COLLAPSE collapses lazily freed pages too."""

    none: int = 511
    shared: int = 256
    khugepaged: bool = True


def none_or_zero(pte: Pte) -> bool:
    """pte_none_or_zero(): nothing to copy."""
    return pte.none or (pte.present and pte.pfn == ZERO_PFN)


def refused(machine: Machine, pte: Pte, limits: Limits) -> str:
    """Why an entry keeps the range from being collapsed, empty when it does not. Not what is elsewhere (swap,
    migration), nothing that userfaultfd protects (a huge page could not say for which part), no page that was
    given up with MADV_FREE and not written since, and none that somebody has a reference of beyond mappings and
    caches: GUP would go on with the old page."""
    if not pte.present:
        return "not present"
    if pte.uffd_wp:
        return "uffd-wp"
    folio = machine.memory.normal(pte)
    if folio is None or not folio.anon:
        return "no anonymous page"
    if machine.kernel.collapse_skips_lazyfree and limits.khugepaged and folio.lazyfree and not pte.dirty:
        return "lazily freed"
    if folio.locked:
        return "locked"
    if folio.refs != folio.mapcount + (folio.nr if folio.swapcache else 0):
        return "referenced"
    return ""


def may_collapse(machine: Machine, start: int, nr: int, limits: Limits, small: bool = False) -> str:
    """__collapse_huge_page_isolate(): the first reason against collapsing [start, start + nr), empty for none. small:
    to less than what a PMD maps, which takes no folio apart that is as large already. Each folio is locked once.
    On its own, khugepaged collapses only what somebody uses."""
    none = shared = 0
    used = writable = False
    seen: list[Folio] = []
    for slot in range(start, start + nr):
        pte = machine.mm.tables[slot]
        if none_or_zero(pte):
            none += 1
            if none > limits.none:
                return "too many none"
            continue
        reason = refused(machine, pte, limits)
        if reason:
            return reason
        folio = machine.memory.normal(pte)
        assert folio is not None
        if (small and folio.nr >= nr) or (not folio.large and folio in seen):
            return "large enough" if folio.large else "locked"
        seen.append(folio)
        used |= pte.young or folio.referenced
        writable |= pte.write
        shared += folio.maybe_mapped_shared
        if shared > limits.shared:
            return "too many shared"
    if machine.kernel.collapse_wants_write and not writable:
        return "not writable"
    return "" if used or not limits.khugepaged else "not used"


def _held(machine: Machine, folio: Folio) -> bool:
    return machine.swap.held(folio.swap_type, folio.swap_offset, folio.nr)


def collapse_one(machine: Machine, slot: int) -> None:
    """One entry whose page is copied: __collapse_huge_page_copy_succeeded(). A hole becomes a page of zeros, which
    rss has not counted yet (G4); a mapping is given back, and with it its reference (G3)."""
    tables = machine.mm.tables
    pte = tables[slot]
    tables[slot] = NONE
    if none_or_zero(pte):
        machine.mm.count(Rss.ANON, 1)
        return
    folio = machine.memory.normal(pte)
    assert folio is not None
    folio.remove_rmap(folio.index(pte.pfn))
    folio.put()


def collapse(machine: Machine, start: int, into: Folio, limits: Limits, small: bool = False) -> str:
    """Collapse into.nr entries from start on. The new folio is mapped as a whole by the caller, exclusive and dirty.
    Returns why not, empty when done; nothing has changed then (G6)."""
    reason = may_collapse(machine, start, into.nr, limits, small)
    if reason:
        return reason
    slots = range(start, start + into.nr)
    emptied = [machine.memory.normal(pte) for pte in (machine.mm.tables[s] for s in slots) if pte.present]
    for slot in slots:
        collapse_one(machine, slot)
    for folio in emptied:
        if folio is not None and folio.swapcache and not folio.mapcount and not _held(machine, folio):
            free_swap(folio)
    return ""


def collapse_file(machine: Machine, start: int, folio: Folio) -> bool:
    """A whole table that maps a file's folio page by page gives way to it: not while userfaultfd needs the table to
    protect entries (D7), and only if every entry is none or maps the folio's page of that place. The folio hears of
    each dirty entry (D1), which of shmem may be all that knows of a write. Each mapping is given back, with its
    reference and in rss (G3, G4)."""
    vma, tables = machine.vma, machine.mm.tables
    if not vma.file or vma.uffd_wp or vma.uffd_rwp or folio.nr != tables.slots:
        return False
    slots = [start + i for i in range(folio.nr) if not tables[start + i].none]
    for slot in slots:
        pte = tables[slot]
        if not pte.present or machine.memory.normal(pte) is not folio or folio.index(pte.pfn) != slot - start:
            return False
    for slot in slots:
        folio.dirty |= tables[slot].dirty
        tables[slot] = NONE
        folio.remove_rmap(slot - start)
        folio.put()
        machine.mm.count(rss_of(folio), -1)
    return True
