# SPDX-License-Identifier: GPL-2.0-or-later
"""Userfaultfd fills a hole: mfill_atomic_install_pte(), mfill_atomic_pte_zeropage(), mfill_atomic_pte_poison(),
mm/userfaultfd.c; so does a device, whose page comes where there was none: migrate_vma_insert_page(),
mm/migrate_device.c. What is there already is never overwritten (S1), but for what only says that nothing is.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import SPECIAL, WRITE, Kind, Pte
from oracle.reference.table import Rss, rss_of
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot


def install(machine: Machine, slot: int, folio: Folio, page: int, protect: bool) -> bool:
    """Map a page of the file, or a new one, whose reference becomes the mapping's. It is dirty: what was copied into
    it is nowhere else (D1). L8: writable where the VMA is, but not a file's page in a private mapping. Markers of
    userfaultfd and of poison give way to it; protect: as protection is asked for anew (D6)."""
    vma, tables = machine.vma, machine.mm.tables
    if tables[slot].kind not in (Kind.NONE, Kind.MARKER_UFFD_WP, Kind.MARKER_POISON):
        return False
    new = machine.kernel.mkdirty(mk_pte(folio.pfn + page, page_prot(vma)))
    if vma.write and (folio.anon or vma.shared):
        new = new.set(WRITE)
    folio.add_rmap(page, exclusive=folio.anon)
    machine.mm.count(rss_of(folio), 1)
    tables[slot] = machine.kernel.mkuffd_wp(new) if protect else new
    return True


def install_special(machine: Machine, slot: int, poison: bool) -> bool:
    """The zero page, which is not counted (G7), or the marker of a page that is lost: into nothing but a hole."""
    if not machine.mm.tables[slot].none:
        return False
    zero = mk_pte(ZERO_PFN, page_prot(machine.vma) | SPECIAL)
    machine.mm.tables[slot] = Pte(Kind.MARKER_POISON) if poison else zero
    return True


def insert_new(machine: Machine, slot: int, device: bool) -> bool:
    """A new page of normal memory, or of a device, for a hole or the zero page of an anonymous mapping: exclusive (E7),
    and writable where the VMA is, at once dirty then (D3)."""
    vma, tables = machine.vma, machine.mm.tables
    pte = tables[slot]
    if vma.file or not (pte.none or (pte.present and pte.pfn == ZERO_PFN)):
        return False
    folio = machine.new_folio()
    folio.add_rmap(0, exclusive=True)
    machine.mm.count(Rss.ANON, 1)
    new = mk_pte(folio.pfn, page_prot(vma))
    if vma.write:
        new = machine.kernel.mkdirty(new.set(WRITE))
    tables[slot] = Pte(Kind.DEVICE_PRIVATE, folio.pfn, WRITE if vma.write else 0) if device else new
    return True
