# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc/PID/pagemap says of a page: pte_to_pagemap_entry(), fs/proc/task_mmu.c. Bits by
Documentation/admin-guide/mm/pagemap.rst."""

from __future__ import annotations

from oracle.reference.pte import SOFT_DIRTY, UFFD_WP, Kind, Pte
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.smaps import page_of

SOFT, EXCLUSIVELY, PROTECTED, GUARD, OF_FILE, SWAPPED, PRESENT = (1 << n for n in (55, 56, 57, 58, 61, 62, 63))
TYPE_BITS = 5
"""MAX_SWAPFILES_SHIFT: of what is not present the lowest bits are a type."""
_MARKERS = {Kind.MARKER_UFFD_WP: 1, Kind.MARKER_POISON: 2, Kind.MARKER_GUARD: 4}


def word(machine: Machine, pte: Pte, sharers: int, pfns: bool) -> int:
    """L12: the word of one page, without the type of what is neither present nor swapped out, which is the kernel's own
    business. sharers: entries of others that map the page, beyond those that the machine knows; pfns: whether who
    reads may see them."""
    said = SOFT if machine.vma.soft_dirty else 0
    if pte.none:
        return said
    folio = page_of(machine, pte)
    said |= SOFT * bool(pte.bits & SOFT_DIRTY) | PROTECTED * bool(pte.bits & UFFD_WP)
    said |= PRESENT if pte.present else SWAPPED
    said |= OF_FILE * (folio is not None and not folio.anon)
    said |= PROTECTED * (pte.kind is Kind.MARKER_UFFD_WP) | GUARD * (pte.kind is Kind.MARKER_GUARD)
    if folio is not None and pte.present:
        maps = folio.mapcounts[folio.index(pte.pfn)] + folio.entire_mapcount + sharers
        said |= EXCLUSIVELY * (maps == 1)
    return said | (_frame(pte) if pfns else 0)


def _frame(pte: Pte) -> int:
    if pte.present:
        return pte.pfn
    offset = _MARKERS.get(pte.kind, pte.pfn)
    return offset << TYPE_BITS | (pte.type if pte.kind is Kind.SWAP else 0)
