# SPDX-License-Identifier: GPL-2.0-or-later
"""KSM: write_protect_page() and replace_page(), mm/ksm.c. A page is compared with others while nobody can write to it,
and its entry maps the one page that is kept of those that are equal.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import ANY_DIRTY, MIGRATION, WRITE, Pte
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot
from oracle.reference.walkers.madvise import free_swap


def write_protect(machine: Machine, slot: int, folio: Folio) -> Pte | None:
    """The entry of a small, locked anonymous folio on which the caller holds a reference, as it is from then on; None
    when it stays as it was. E2, E5: what is not writable for sure is no longer exclusive; a reference beyond mapping,
    swap cache and caller may write behind the table. D1: the folio hears of the dirty bit, which a later one is told
    from. What is protected already need not be touched. F5: a device-exclusive entry maps the page, but is none that
    could be protected."""
    pte = machine.mm.tables[slot]
    if not pte.present:
        return None
    if not (pte.write or pte.dirty or folio.exclusive[0]):
        return pte
    if folio.refs != folio.mapcount + 1 + folio.swapcache:
        return None
    if folio.exclusive[0] and not folio.try_share_anon_rmap(0):
        return None
    folio.dirty |= pte.dirty
    machine.mm.tables[slot] = pte.clear(ANY_DIRTY | WRITE)
    return machine.mm.tables[slot]


def replace(machine: Machine, slot: int, folio: Folio, kept: Folio, seen: Pte) -> bool:
    """Map the page that is kept, read-only and shared, where the entry is still the one that was seen. The old page
    loses its mapping and reference (G3), and its place in the swap cache if nobody is left to read it; rss stays."""
    if machine.mm.tables[slot] != seen:
        return False
    kept.get()
    kept.add_rmap(0)
    machine.mm.tables[slot] = mk_pte(kept.pfn, page_prot(machine.vma))
    folio.remove_rmap(0)
    if folio.swapcache and not folio.mapcount and not machine.swap.held(folio.swap_type, folio.swap_offset, folio.nr):
        free_swap(folio)
    folio.put()
    return True


def first_merged(machine: Machine, start: int, end: int) -> int | None:
    """L9, break_ksm_pmd_entry(): the first entry of a range that maps a page of KSM, or will when its migration ends.
    KSM's zero page is told by its dirty entry."""
    for slot in range(start, end):
        pte = machine.mm.tables[slot]
        if pte.present and pte.pfn == ZERO_PFN and pte.dirty:
            return slot
        folio = machine.memory.normal(pte) if pte.present else machine.folio_of(pte) if pte.kind in MIGRATION else None
        if folio is not None and folio.ksm:
            return slot
    return None
