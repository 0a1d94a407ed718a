# SPDX-License-Identifier: GPL-2.0-or-later
"""Migration: try_to_migrate_one(), mm/rmap.c, and remove_migration_pte(), mm/migrate.c.

While a page moves, its entries say so: a migration entry keeps what the entry knew, and whether it may be written
again. It holds rss, but neither a mapping nor a reference. Whoever faults on it waits.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import DIRTY, MIGRATION, NONE, SOFT_DIRTY, SPECIAL, UFFD_WP, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import rss_of
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot, protected_again
from oracle.reference.walkers.unmap import maps


def migration_entry(kernel: Kernel, pte: Pte, exclusive: bool) -> Pte:
    """The entry that waits in the place of a mapping. Writable only if the mapping was (then nobody watches writes);
    exclusive anonymous pages stay so; young and dirty go along where the architecture has room for them. What a device
    has says so, too."""
    writable = pte.kind in (Kind.PRESENT, Kind.DEVICE_PRIVATE) and bool(pte.bits & WRITE)
    kind = Kind.MIGRATION_READ_EXCLUSIVE if exclusive else Kind.MIGRATION_READ
    kept = pte.bits & (SOFT_DIRTY | UFFD_WP | ((YOUNG | DIRTY) if pte.present and kernel.migration_ages else 0))
    return Pte(Kind.MIGRATION_WRITE if writable else kind, pte.pfn, kept)


def migrate_one(machine: Machine, folio: Folio, slot: int, poisoned: bool = False) -> bool:
    """One entry that maps the locked folio. False when it has to stay: the page is exclusive and pinned (E5)."""
    tables = machine.mm.tables
    pte, page = tables[slot], folio.index(tables[slot].pfn)
    tables[slot] = NONE
    folio.dirty |= pte.present and pte.dirty  # D1: told now, as the folio is copied with its flags
    if poisoned:
        machine.mm.count(rss_of(folio), -1)
        tables[slot] = Pte(Kind.HWPOISON, pte.pfn)
    else:
        exclusive = folio.anon and folio.exclusive[page]
        if exclusive and not folio.try_share_anon_rmap(page):
            tables[slot] = pte
            return False
        tables[slot] = migration_entry(machine.kernel, pte, exclusive)
    folio.remove_rmap(page)
    folio.put()
    return True


def migrate(machine: Machine, folio: Folio, first: int, poisoned: bool = False) -> bool:
    """Replace every mapping of the folio in the VMA, where its first page would be at slot `first`. Whether all
    could be."""
    slots = range(max(first, machine.vma.start), min(first + folio.nr, machine.vma.end))
    return all(migrate_one(machine, folio, s, poisoned) for s in slots if maps(machine, machine.mm.tables[s], folio))


def restored(machine: Machine, pte: Pte, folio: Folio, page: int) -> Pte:
    """The mapping of the page's new place. F7: dirty only if the entry was and the folio still is (it may have been
    cleaned meanwhile); no write where userfaultfd waits (D6)."""
    new = mk_pte(folio.pfn + page, page_prot(machine.vma))
    if not pte.bits & YOUNG:
        new = new.clear(YOUNG)
    if pte.bits & DIRTY and folio.dirty:
        new = machine.kernel.mkdirty(new)
    new = machine.kernel.mksoft_dirty(new) if pte.swp_soft_dirty else new.clear(SOFT_DIRTY)
    if pte.kind is Kind.MIGRATION_WRITE:
        return new.set(WRITE)
    return protected_again(machine, pte, new)


def zeroed(machine: Machine, pte: Pte) -> Pte:
    """try_to_map_unused_to_zeropage(): after a split, a page that turns out to hold zeroes is not mapped again."""
    new = mk_pte(ZERO_PFN, page_prot(machine.vma) | SPECIAL)
    if pte.swp_soft_dirty:
        new = machine.kernel.mksoft_dirty(new)
    return machine.kernel.mkuffd_wp(new) if pte.swp_uffd_wp else new


def remove_migration(machine: Machine, old: Folio, new: Folio, first: int, zero: bool = False) -> None:
    """Map the new folio (or the old one again, when the migration failed) wherever the VMA has a migration entry of
    the old one. E7: what was exclusive is so again."""
    vma, tables = machine.vma, machine.mm.tables
    for slot in range(max(first, vma.start), min(first + old.nr, vma.end)):
        pte = tables[slot]
        if pte.kind not in MIGRATION or machine.memory.folio(pte.pfn) is not old:
            continue
        if zero and not vma.locked:
            tables[slot] = zeroed(machine, pte)
            machine.mm.count(rss_of(old), -1)
            continue
        page = old.index(pte.pfn)
        new.get()
        new.add_rmap(page, exclusive=new.anon and pte.kind is not Kind.MIGRATION_READ)
        tables[slot] = restored(machine, pte, new, page)
