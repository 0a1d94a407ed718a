# SPDX-License-Identifier: GPL-2.0-or-later
"""Swap-in: do_swap_page(), mm/memory.c; swapoff: unuse_pte(), mm/swapfile.c. The entry names a swap slot, and maps the
slot's page from then on."""

from __future__ import annotations

from oracle.reference.folio import Folio
from oracle.reference.pte import NONE, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import Rss
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot, protected_again, soft_dirty_wanted
from oracle.reference.walkers.madvise import free_swap


def stays_exclusive(folio: Folio, pte: Pte, fresh: bool, stable_writes: bool) -> bool:
    """E5: whether the page is this mm's alone again. The swap entry remembers it; a page that nobody else can have
    found (fresh, or no reference but ours) is so too. Not while a device that must not see changes writes it
    (SWP_STABLE_WRITES): mapped read-only it is copied at the next write."""
    remembered = pte.swp_exclusive and not (folio.writeback and stable_writes)
    return not folio.ksm and (fresh or remembered or folio.refs == 1)


def swapped_in(machine: Machine, pte: Pte, page: int, folio: Folio, exclusive: bool, write: bool) -> Pte:
    """The mapping. D5: soft-dirty and uffd-wp come back from swap form. Write is given with the read fault if nobody
    waits for the first one, since the page is ours (E2)."""
    new = mk_pte(folio.pfn + page, page_prot(machine.vma))
    if pte.swp_soft_dirty:
        new = machine.kernel.mksoft_dirty(new)
    new = protected_again(machine, pte, new)
    vma = machine.vma
    watched = (vma.uffd_wp or vma.uffd_rwp) and new.uffd_wp
    waits = watched or (soft_dirty_wanted(machine, vma) and not new.soft_dirty)
    if exclusive and vma.write and not waits:
        new = new.set(WRITE)
        if write:
            new = machine.kernel.mkdirty(new)
    return new


def run_of(machine: Machine, slot: int, folio: Folio) -> range:
    """The entries that are mapped with this one: those of the whole folio, where it lies in VMA and page table and each
    names its page's slot with the same bits (F1, F2: can_swapin_thp), else this one."""
    vma, tables, pte = machine.vma, machine.mm.tables, machine.mm.tables[slot]
    first = slot - (pte.pfn - folio.swap_offset)
    table = slot // tables.slots * tables.slots
    slots = range(first, first + folio.nr)
    if first < max(vma.start, table) or slots.stop > min(vma.end, table + tables.slots):
        return range(slot, slot + 1)
    alike = all(
        (one.kind, one.type, one.pfn, one.bits) == (Kind.SWAP, pte.type, folio.swap_offset + i, pte.bits)
        for i, one in enumerate(tables.entries[first : slots.stop])
    )
    return slots if alike else range(slot, slot + 1)


def free_after(machine: Machine, folio: Folio) -> None:
    """folio_free_swap(): the swap cache lets go of a folio that no entry names any more."""
    if folio.swapcache and not machine.swap.held(folio.swap_type, folio.swap_offset, folio.nr):
        free_swap(folio)


def swap_in(
    machine: Machine,
    slot: int,
    folio: Folio,
    write: bool = False,
    fresh: bool = False,
    stable_writes: bool = False,
    counted: bool = True,
) -> Pte:
    """One entry whose slot's page is in the locked folio, on which the caller holds a reference that becomes the
    mapping's. F4, G4: the slot loses a user, and rss moves from swap to anon, once. A write fault on an entry that
    stays read-only goes on in do_wp_page(). counted: the slot still counts this entry."""
    pte = machine.mm.tables[slot]
    page = pte.pfn - folio.swap_offset
    exclusive = stays_exclusive(folio, pte, fresh, stable_writes)
    new = swapped_in(machine, pte, page, folio, exclusive, write)
    folio.add_rmap(page, exclusive=exclusive)
    if counted:
        machine.swap.free(pte)
    machine.mm.count(Rss.SWAP, -1)
    machine.mm.count(Rss.ANON, 1)
    machine.mm.tables[slot] = new
    return new


def unuse(machine: Machine, slot: int, folio: Folio, copy: bool = False, lost: Pte = NONE) -> None:
    """One entry whose page the locked folio of the swap cache has, when its device is given up. It is mapped old, as
    nobody asked for it, and read-only: the first write decides. copy: KSM may not map the folio here, a new page takes
    its place. lost: what says that the contents are (a poisoned page, one that could not be read)."""
    pte, page = machine.mm.tables[slot], machine.mm.tables[slot].pfn - folio.swap_offset
    machine.swap.free(pte)
    machine.mm.count(Rss.SWAP, -1)
    if not lost.none:
        machine.mm.tables[slot] = lost
        return
    if copy:
        folio, page = machine.new_folio(), 0
    else:
        folio.get()
    folio.add_rmap(page, exclusive=copy or pte.swp_exclusive)
    machine.mm.count(Rss.ANON, 1)
    new = mk_pte(folio.pfn + page, page_prot(machine.vma)).clear(YOUNG)
    if pte.swp_soft_dirty:
        new = machine.kernel.mksoft_dirty(new)
    machine.mm.tables[slot] = protected_again(machine, pte, new)
