"""mlock and munlock: mlock_pte_range(), mm/mlock.c. The VMA's pages leave or join the lists of what can be evicted.

No entry changes. G9: a large folio counts as mlocked only if the locked range maps all of it; a part of it stays
evictable so that the folio can be split.
"""

from __future__ import annotations

from oracle.reference.folio import Folio
from oracle.reference.walkers.machine import Machine


def maps_all(machine: Machine, folio: Folio, start: int, end: int) -> bool:
    """allow_mlock_munlock(): the whole folio lies in the range and is mapped there."""
    tables = machine.mm.tables
    pfns = {tables[s].pfn for s in range(start, end) if tables[s].present}
    return all(folio.pfn + i in pfns for i in range(folio.nr))


def mlock_range(machine: Machine, start: int, end: int, lock: bool = True) -> None:
    """Mlock [start, end), or munlock it (mlock_vma_folio(), munlock_vma_folio()). Entries without a page, and
    device pages, have nothing to lock."""
    tables = machine.mm.tables
    for slot in range(start, end):
        pte = tables[slot]
        folio = machine.memory.normal(pte) if pte.present else None
        if folio is None:
            continue
        if lock and folio.large and not maps_all(machine, folio, start, end):
            continue
        folio.mlocked = lock
