# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages that a driver maps itself: insert_page(), insert_pages(), insert_pfn() and remap_pte_range(), mm/memory.c. Into
holes, with the VMA's protection; writable at once only for who asks for that (DAX).
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.folio import Folio
from oracle.reference.pte import SPECIAL, WRITE, YOUNG, Pte
from oracle.reference.table import rss_of
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot


def _writable(machine: Machine, pte: Pte) -> Pte:
    """maybe_mkwrite(): L8."""
    return pte.set(WRITE | YOUNG) if machine.vma.write else pte.set(YOUNG)


def insert_page(machine: Machine, slot: int, folio: Folio, page: int, write: bool = False) -> bool:
    """One page of a file, with a reference and a mapping of its own (G3). write: an entry that maps it already becomes
    writable, too."""
    pte, pfn = machine.mm.tables[slot], folio.pfn + page
    if not pte.none:
        if write and pte.present and pte.pfn == pfn:
            machine.mm.tables[slot] = _writable(machine, pte)
        return write
    new = mk_pte(pfn, page_prot(machine.vma))
    folio.get()
    folio.add_rmap(page)
    machine.mm.count(rss_of(folio), 1)
    machine.mm.tables[slot] = _writable(machine, machine.kernel.mkdirty(new)) if write else new
    return True


def insert_pages(machine: Machine, start: int, pages: Sequence[tuple[Folio, int]]) -> int:
    """Several, up to the first entry that holds something: how many."""
    for i, (folio, page) in enumerate(pages):
        if not insert_page(machine, start + i, folio, page):
            return i
    return len(pages)


def insert_pfn(machine: Machine, slot: int, pfn: int, write: bool) -> None:
    """A pfn with no page behind it that would be counted (G7). What is there stays, but becomes writable if it is the
    same one."""
    pte = machine.mm.tables[slot]
    if pte.none:
        pte = mk_pte(pfn, page_prot(machine.vma) | SPECIAL)
    elif not (write and pte.present and pte.pfn == pfn):
        return
    machine.mm.tables[slot] = _writable(machine, machine.kernel.mkdirty(pte)) if write else pte


def remap(machine: Machine, start: int, end: int, pfn: int) -> None:
    """Holes only; pfns follow the addresses."""
    for slot in range(start, end):
        machine.mm.tables[slot] = mk_pte(pfn + slot - start, page_prot(machine.vma) | SPECIAL)
