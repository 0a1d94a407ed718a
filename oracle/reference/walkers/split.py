# SPDX-License-Identifier: GPL-2.0-or-later
"""A PMD that maps a folio gives way to a table that maps its pages: __split_huge_pmd_locked(), mm/huge_memory.c. What
the PMD said of all pages every entry says of its own.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import EXCLUSIVE, PROTNONE, SOFT_DIRTY, SPECIAL, UFFD_WP, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import rss_of
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot
from oracle.reference.walkers.migrate import migration_entry


def put_huge(machine: Machine, folio: Folio, pmd: Pte) -> None:
    """What the PMD holds, before it is split: rss, and if it maps the folio one mapping, one reference, and whether
    the whole folio is exclusive, kept for its first page."""
    machine.mm.count(rss_of(folio), folio.nr)
    if pmd.kind in (Kind.PRESENT, Kind.DEVICE_PRIVATE):
        folio.entire_mapcount += 1
        folio.get()
        folio.exclusive[0] |= bool(pmd.bits & EXCLUSIVE)


def _entry(machine: Machine, pmd: Pte, page: int) -> Pte:
    """NUMA hints are not carried over, what userfaultfd waits for is (D6)."""
    kernel, vma = machine.kernel, machine.vma
    if not pmd.present:
        return Pte(pmd.kind, pmd.pfn + page, pmd.bits & (SOFT_DIRTY | UFFD_WP | WRITE))
    if pmd.pfn == ZERO_PFN:
        new = mk_pte(ZERO_PFN, page_prot(vma) | SPECIAL)
    else:
        new = mk_pte(pmd.pfn + page, page_prot(vma)).set(pmd.bits & WRITE)
        new = new if pmd.young else new.clear(YOUNG)
        new = kernel.mkdirty(new) if pmd.dirty else new
        new = kernel.mksoft_dirty(new) if pmd.soft_dirty else new
    if pmd.uffd_wp:
        new = kernel.mkuffd_wp(new)
        new = new.clear(WRITE).set(PROTNONE) if vma.uffd_rwp else new
    return new


def zap_huge(machine: Machine, folio: Folio, pmd: Pte) -> None:
    """Of a file nothing takes its place, the next fault maps what it needs. D1: the folio hears of the dirty bit."""
    machine.mm.count(rss_of(folio), -folio.nr)
    if pmd.present:
        folio.dirty |= pmd.dirty
        folio.entire_mapcount -= 1
        folio.put()


def split_huge(machine: Machine, start: int, folio: Folio | None, pmd: Pte, freeze: bool = False) -> None:
    """Split the PMD of the table that begins at start. Each page gets a mapping and a reference, and is exclusive if
    the folio was (E7). freeze: migration entries instead, unless the folio is pinned (E5). folio: None for the zero
    page."""
    tables = machine.mm.tables
    slots = range(start, start + tables.slots)
    if folio is None or pmd.kind not in (Kind.PRESENT, Kind.DEVICE_PRIVATE):
        for i, slot in enumerate(slots):
            tables[slot] = _entry(machine, pmd, i)
        return
    folio.dirty |= pmd.present and pmd.dirty
    exclusive = folio.exclusive[0]
    freeze = freeze and (not exclusive or folio.try_share_anon_rmap(0))
    if freeze:
        folio.put()
    else:
        folio.get(folio.nr - 1)
        folio.add_rmap(0, folio.nr, exclusive=exclusive)
    folio.entire_mapcount -= 1
    for i, slot in enumerate(slots):
        frozen = migration_entry(machine.kernel, pmd.advance(i), exclusive)
        tables[slot] = frozen if freeze else _entry(machine, pmd, i)
