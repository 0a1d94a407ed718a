# SPDX-License-Identifier: GPL-2.0-or-later
"""Mapping a file's pages: set_pte_range() and finish_fault(), mm/memory.c; filemap_map_pages(), mm/filemap.c.

One fault maps more than the page that was asked for, where it costs nothing: pages that are in the page cache, of
entries that are none. An entry that is not none is never overwritten (S1): it is a mapping, swap, or a marker that
somebody set on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.folio import Folio
from oracle.reference.pte import WRITE, YOUNG, Kind, Pte
from oracle.reference.table import Rss, rss_of
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot


def file_entry(
    machine: Machine, folio: Folio, page: int, old: Pte, write: bool, asked: bool, old_prefault: bool
) -> Pte:
    """set_pte_range() for one entry. Written pages are dirty and writable together (D3); a page that is mapped only
    since it was near may be left old, so that reclaim sees whether it is used (arm64, arch_wants_old_prefaulted_pte());
    a marker of userfaultfd becomes protection (D6)."""
    new = mk_pte(folio.pfn + page, page_prot(machine.vma))
    if old_prefault and not asked:
        new = new.clear(YOUNG)
    if write:
        new = machine.kernel.mkdirty(new).set(WRITE if machine.vma.write else 0)
    elif machine.kernel.faults_keep_dirty and new.write and folio.dirty:
        new = machine.kernel.mkdirty(new)
    if machine.vma.uffd_wp and old.kind is Kind.MARKER_UFFD_WP:
        new = machine.kernel.mkuffd_wp(new)
    return new


def map_file_page(
    machine: Machine, slot: int, folio: Folio, page: int, write: bool = False, asked: bool = True, old: bool = False
) -> None:
    """Map one page: the reference before the mapping (G3), rss by the folio's kind (G4). A write to a private
    mapping maps a copy (cow_page), which is anonymous, new and exclusive."""
    tables = machine.mm.tables
    cow = write and not machine.vma.shared
    folio.get()
    folio.add_rmap(page, exclusive=cow)
    machine.mm.count(Rss.ANON if cow else rss_of(folio), 1)
    tables[slot] = file_entry(machine, folio, page, tables[slot], write, asked, old)


def finish_fault(machine: Machine, slot: int, folio: Folio, page: int, write: bool, whole: bool = True) -> list[int]:
    """The page that was asked for, and with it its whole folio: where the folio lies in VMA and page table, all of
    its entries are none, and userfaultfd does not want to see each fault; whole: the file has all of the folio.
    Returns the slots mapped."""
    vma, tables = machine.vma, machine.mm.tables
    first, cow = slot - page, write and not vma.shared
    slots = range(first, first + folio.nr)
    inside = first >= vma.start and slots.stop <= vma.end and tables.room(slot, slots.stop) == slots.stop - slot
    same_table = first // tables.slots == slot // tables.slots if first >= 0 else False
    if (
        cow
        or not whole
        or vma.uffd_wp
        or vma.uffd_rwp
        or not (inside and same_table and all(tables[s].none for s in slots))
    ):
        slots = range(slot, slot + 1)
    mapped = [s for s in slots if machine.maps(s, slot)]
    for s in mapped:
        map_file_page(machine, s, folio, s - first, write, asked=s == slot)
    return mapped


def map_around(
    machine: Machine, start: int, folios: Sequence[tuple[Folio, int] | None], asked: int, old: bool = False
) -> list[int]:
    """filemap_map_pages(): the page cache's pages for the slots from start on, as (folio, page), None where there is
    none or it is locked, not up to date or poisoned. Read only. Returns the slots mapped."""
    done = []
    for slot, found in enumerate(folios, start):
        if found is None or not machine.mm.tables[slot].none or not machine.maps(slot, asked):
            continue
        folio, page = found
        map_file_page(machine, slot, folio, page, asked=slot == asked, old=old)
        done.append(slot)
    return done
