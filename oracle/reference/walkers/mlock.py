# SPDX-License-Identifier: GPL-2.0-or-later
"""mlock and munlock: mlock_pte_range(), mm/mlock.c. The VMA's pages leave or join the lists of what can be evicted.

No entry changes. G9: a large folio counts as mlocked only if the locked range maps all of it; a part of it stays
evictable so that the folio can be split.
"""

from __future__ import annotations

from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.madvise import maps_whole


def mlock_range(machine: Machine, start: int, end: int, lock: bool = True) -> None:
    """Mlock [start, end), or munlock it (mlock_vma_folio(), munlock_vma_folio()). Entries without a page, and
    device pages, have nothing to lock."""
    tables = machine.mm.tables
    for slot in range(start, end):
        pte = tables[slot]
        folio = machine.memory.normal(pte) if pte.present else None
        if folio is None:
            continue
        if not lock or not folio.large or maps_whole(machine, slot, end, folio):
            folio.mlocked = lock
