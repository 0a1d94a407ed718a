# SPDX-License-Identifier: GPL-2.0-or-later
"""fork: copy_pte_range(), mm/memory.c. The child gets every entry; what both can write from now on is copied on write.

E3: no page stays exclusive to a parent that shares it, so neither side may write it without a fault. Only a pinned
exclusive page is not shared: whoever pinned it would see the parent leave it at the next write. The child gets a
copy at once.
"""

from __future__ import annotations

from dataclasses import replace

from oracle.reference.folio import Folio
from oracle.reference.pte import (
    ANY_DIRTY,
    EXCLUSIVE,
    MARKERS,
    MIGRATION,
    NONE,
    PROTNONE,
    SOFT_DIRTY,
    UFFD_WP,
    WRITE,
    YOUNG,
    Kind,
    Pte,
)
from oracle.reference.table import Rss, Vma, rss_of
from oracle.reference.walkers.machine import Machine, is_cow, mk_pte, page_prot, protected_again
from oracle.reference.walkers.protect import can_write, modified

EBUSY = 16


def child_wants_uffd(machine: Machine) -> bool:
    """The child's VMA is registered for protection: only then the uffd bit means something there (D5)."""
    return machine.other_vma.uffd_wp or machine.other_vma.uffd_rwp


def child_present(machine: Machine, pte: Pte) -> Pte:
    """What the child maps of an entry whose page it shares: __copy_present_ptes(). Not yet used; in a shared mapping
    clean, since the parent's entry has told or will tell of the write; never writable where it would have to copy."""
    vma, child = machine.vma, machine.other_vma
    if not child_wants_uffd(machine):
        if vma.uffd_rwp and pte.uffd_wp:
            pte = modified(pte, page_prot(child))
        pte = pte.clear(UFFD_WP)
    if is_cow(vma):
        pte = pte.clear(WRITE)
    return pte.clear(ANY_DIRTY | YOUNG) if vma.shared else pte.clear(YOUNG)


def copied_page(machine: Machine, pte: Pte) -> Pte:
    """The child's own copy of a pinned page: copy_present_page(). Exclusive, dirty, and writable if the VMA is."""
    child, folio = machine.other_vma, machine.new_folio()
    folio.add_rmap(0, exclusive=True)
    machine.other.count(Rss.ANON, 1)
    new = machine.kernel.mkdirty(mk_pte(folio.pfn, page_prot(child)))
    if child.write:
        new = new.set(WRITE)
    if child_wants_uffd(machine) and pte.uffd_wp:
        new = machine.kernel.mkuffd_wp(new)
        new = modified(new, PROTNONE) if child.uffd_rwp else new
    return new


def copy_present(machine: Machine, slot: int, pte: Pte) -> None:
    """A mapping: copy_present_ptes(). The reference is taken before the mapping counts (G3)."""
    folio = machine.memory.normal(pte)
    if folio is not None:
        page = folio.index(pte.pfn)
        if not folio.anon:
            folio.add_rmap(page)
        elif not folio.try_dup_anon_rmap(page):
            machine.other.tables[slot] = copied_page(machine, pte)
            return
        folio.get()
        machine.other.count(rss_of(folio), 1)
    if is_cow(machine.vma):
        machine.mm.tables[slot] = pte.clear(WRITE)
    machine.other.tables[slot] = child_present(machine, pte)


def restored(machine: Machine, folio: Folio, pte: Pte) -> Pte:
    """The mapping that a device-exclusive entry stands for: restore_exclusive_pte(). Old, as nobody used it here."""
    vma, kernel = machine.vma, machine.kernel
    new = mk_pte(pte.pfn, page_prot(vma)).clear(YOUNG)
    if pte.swp_soft_dirty:
        new = kernel.mksoft_dirty(new)
    new = protected_again(machine, pte, new)
    if not kernel.device_mapped:
        folio.add_rmap(folio.index(pte.pfn))
        if pte.swp_uffd_wp:
            return new
        return kernel.mkdirty(new).set(WRITE if vma.write else 0)
    if can_write(machine, vma, new):
        new = (kernel.mkdirty(new) if folio.dirty else new).set(WRITE)
    return new


def child_marker(machine: Machine, pte: Pte) -> Pte:
    """copy_pte_marker(), include/linux/mm_inline.h: poison and guards are inherited, protection only where the child
    is registered for it."""
    return NONE if pte.kind is Kind.MARKER_UFFD_WP and not machine.other_vma.uffd_wp else pte


def shared_entry(machine: Machine, slot: int, pte: Pte) -> Pte:
    """A swap or migration entry that two hold from now on is exclusive for neither: the parent's changes too. In a
    shared mapping a writable migration entry stays one (F6)."""
    if pte.kind is Kind.SWAP:
        machine.swap.duplicate(pte)
        machine.other.count(Rss.SWAP, 1)
        shared = pte.clear(EXCLUSIVE)
    else:
        machine.other.count(rss_of(machine.folio_of(pte)), 1)
        shared = pte._replace(kind=Kind.MIGRATION_READ) if is_cow(machine.vma) else pte
    if shared != pte:
        machine.mm.tables[slot] = shared
    return shared


def shared_device_page(machine: Machine, slot: int, pte: Pte) -> Pte:
    """A page that a device has: nobody can have pinned it, so it is shared, and neither device entry may write. What
    says that it was written to is given up with the right to (copy_nonpresent_pte())."""
    folio = machine.folio_of(pte)
    folio.try_dup_anon_rmap(folio.index(pte.pfn))
    folio.get()
    machine.other.count(rss_of(folio), 1)
    if pte.bits & WRITE and is_cow(machine.vma):
        pte = machine.mm.tables[slot] = pte.clear(WRITE | SOFT_DIRTY)
    return pte


def copy_one(machine: Machine, slot: int) -> bool:
    """One entry. False when a device holds the page and it has to be tried again."""
    pte = machine.mm.tables[slot]
    if pte.kind is Kind.DEVICE_EXCLUSIVE:
        folio = machine.folio_of(pte)
        if folio.locked:
            return False
        pte = machine.mm.tables[slot] = restored(machine, folio, pte)
    if pte.present:
        copy_present(machine, slot, pte)
    elif pte.kind in MARKERS:
        machine.other.tables[slot] = child_marker(machine, pte)
    elif pte.kind is Kind.SWAP or pte.kind in MIGRATION or pte.kind is Kind.DEVICE_PRIVATE:
        share = shared_device_page if pte.kind is Kind.DEVICE_PRIVATE else shared_entry
        pte = share(machine, slot, pte)
        machine.other.tables[slot] = pte if child_wants_uffd(machine) else pte.clear(UFFD_WP)
    return True


def fork(machine: Machine, start: int, end: int) -> int:
    """Copy [start, end). The parent's TLB is flushed by dup_mmap() before anybody can write through what was
    write-protected (T2). -EBUSY when it stopped at a page that a device has locked; what was copied stays."""
    for slot in range(start, end):
        if not copy_one(machine, slot):
            return -EBUSY
    return 0


def child_of(vma: Vma, uffd: bool) -> Vma:
    """The child's VMA: never locked, registered with userfaultfd only if its owner asked for fork events
    (dup_userfaultfd(), fs/userfaultfd.c)."""
    return replace(vma, uffd_wp=vma.uffd_wp and uffd, uffd_rwp=vma.uffd_rwp and uffd, locked=False)
