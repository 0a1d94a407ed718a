# SPDX-License-Identifier: GPL-2.0-or-later
"""What a walker works on: tables, folios, the VMA, counters, and where entries can go to."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import EXEC, PROTNONE, UFFD_WP, WRITE, YOUNG, Pte, present
from oracle.reference.table import Mm, SwapMap, Vma
from oracle.reference.walkers.kernel import Kernel


@dataclass
class Machine:
    """mm, vma: what is worked on. other, other_vma: where entries are moved (tables of the same mm, so rss stays) or
    copied to (a child). spare: the pfn from which new folios are taken. around: the slots that a fault maps besides
    the one it is for; None: as many as the kernel would."""

    mm: Mm
    vma: Vma
    kernel: Kernel = field(default_factory=Kernel)
    memory: Memory = field(default_factory=Memory)
    swap: SwapMap = field(default_factory=SwapMap)
    other: Mm = field(default_factory=Mm)
    other_vma: Vma = field(default_factory=lambda: Vma(0, 0))
    spare: int = 0
    around: frozenset[int] | None = None

    def maps(self, slot: int, asked: int) -> bool:
        """Whether a fault maps what it may map there."""
        return slot == asked or self.around is None or slot in self.around

    def folio_of(self, pte: Pte) -> Folio:
        """The folio of a non-present entry with a pfn: softleaf_to_folio()."""
        folio = self.memory.folio(pte.pfn)
        assert folio is not None, f"no folio at {pte.pfn:#x}"
        return folio

    def new_folio(self, order: int = 0) -> Folio:
        """A fresh folio for an anonymous mapping, with the reference of its first one: folio_prealloc() and
        folio_add_new_anon_rmap() (mm/memory.c, mm/rmap.c) up to the mapping itself. It is naturally aligned."""
        nr = 1 << order
        folio = self.memory.add(Folio(FolioKind.ANON, (self.spare + nr - 1) & -nr, order, refs=1))
        self.spare = folio.pfn + nr
        return folio


def run_length(machine: Machine, slot: int, end: int, folio: Folio) -> int:
    """How many entries from a mapping of the folio on map its pages in order, within the range and the table, alike but
    for accessed, dirty, soft-dirty and write: folio_pte_batch() without flags."""
    tables, alike = machine.mm.tables, UFFD_WP | PROTNONE
    first = tables[slot]
    most = min(folio.nr - folio.index(first.pfn), tables.room(slot, end))
    for i, one in enumerate(tables.entries[slot : slot + most]):
        if not one.present or one.pfn != first.pfn + i or (one.bits ^ first.bits) & alike:
            return i
    return most


def is_cow(vma: Vma) -> bool:
    """is_cow_mapping(), include/linux/mm.h: writes go to a private copy. (Every VMA here may be made writable.)"""
    return not vma.shared


def page_prot(vma: Vma) -> int:
    """Bits of vma->vm_page_prot: write only where nobody waits for the first one. A private mapping waits to copy,
    a shared file to be told (vma_wants_writenotify(), mm/vma.c), unless it is of shmem."""
    return (WRITE if vma.write and vma.shared and vma.unnoticed else 0) | (EXEC if vma.executable else 0)


def wants_write_notice(vma: Vma) -> bool:
    """vma_wants_writenotify(), mm/vma.c."""
    return vma.write and vma.shared and not vma.unnoticed


def mk_pte(pfn: int, prot: int) -> Pte:
    """mk_pte(): young, since the protections of both architectures carry the accessed bit."""
    return present(pfn, prot | YOUNG)


def protected_again(machine: Machine, was: Pte, new: Pte) -> Pte:
    """D5, D6: what userfaultfd protected in swap form is protected when it is mapped: from writes, or from any access
    in a VMA registered for that (VM_UFFD_RWP, since 7.3, where the uffd bit goes with PROT_NONE)."""
    if not was.swp_uffd_wp:
        return new
    new = machine.kernel.mkuffd_wp(new)
    return new.clear(WRITE | EXEC).set(PROTNONE) if machine.vma.uffd_rwp else new


def soft_dirty_wanted(machine: Machine, vma: Vma) -> bool:
    """vma_soft_dirty_enabled(), mm/internal.h: somebody waits for the first write since the bits were cleared."""
    return machine.kernel.soft_dirty and not vma.soft_dirty
