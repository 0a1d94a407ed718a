# SPDX-License-Identifier: GPL-2.0-or-later
"""mprotect, NUMA hinting and userfaultfd write protection: change_pte_range(), mm/mprotect.c.

The page stays mapped. What is known of it (dirty, young, soft-dirty, its pfn) is kept, what is allowed changes; write
is only given where the write fault would give it without doing anything else (D11).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.reference.folio import Folio
from oracle.reference.pte import EXEC, MARKERS, NONE, PROTNONE, SOFT_DIRTY, UFFD_WP, WRITE, Kind, Pte
from oracle.reference.table import Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine, is_cow, soft_dirty_wanted


@dataclass(frozen=True)
class Numa:
    """What NUMA balancing knows. node: of a folio; here: of this CPU; single: one thread only; normal:
    NUMA_BALANCING_NORMAL, which scans the top tier (node 0) too."""

    node: Callable[[Folio], int]
    here: int = 0
    single: bool = False
    normal: bool = True


@dataclass(frozen=True)
class Change:
    """What change_protection() is asked for. prot: WRITE, EXEC or PROTNONE, the newprot argument. numa: set for
    MM_CP_PROT_NUMA. protect: the bits of MM_CP_UFFD_WP or MM_CP_UFFD_RWP, which set uffd-wp; resolve: those that
    lift it. reads: it is reads that userfaultfd wants to see. try_write: MM_CP_TRY_CHANGE_WRITABLE. markers: protect
    what is not mapped too (userfaultfd_wp_use_markers())."""

    prot: int = 0
    numa: Numa | None = None
    protect: bool = False
    resolve: bool = False
    reads: bool = False
    try_write: bool = False
    markers: bool = False


def modified(pte: Pte, prot: int) -> Pte:
    """pte_modify(): the permissions of prot, all else as it was."""
    return pte.clear(WRITE | EXEC | PROTNONE).set(prot)


def can_write(machine: Machine, vma: Vma, pte: Pte) -> bool:
    """D11, can_change_pte_writable(): a write would not fault for any other reason than the write bit.

    Nobody waits for it (soft-dirty, userfaultfd, NUMA), and the write fault would have nothing to do: in a private
    mapping this very page is exclusive (E4), in a shared one the file system has been told, as dirty shows.
    """
    if not vma.write or pte.protnone or (vma.uffd_wp and pte.uffd_wp):
        return False
    if soft_dirty_wanted(machine, vma) and not pte.soft_dirty:
        return False
    if vma.shared:
        return pte.dirty
    folio = machine.memory.normal(pte)
    return folio is not None and folio.anon and folio.exclusive[folio.index(pte.pfn)]


def hint_wanted(machine: Machine, pte: Pte, numa: Numa) -> bool:
    """D10, folio_can_map_prot_numa(), mm/mempolicy.c: a NUMA hinting fault could lead to a migration."""
    vma, folio = machine.vma, machine.memory.normal(pte)
    if pte.protnone or folio is None or folio.ksm:
        return False
    if is_cow(vma) and folio.maybe_mapped_shared:
        return False
    if folio.maybe_pinned and (is_cow(vma) or machine.kernel.numa_skips_pins):
        return False
    if not folio.swapbacked and folio.dirty:
        return False
    if numa.single and not vma.shared and numa.node(folio) == numa.here:
        return False
    return numa.normal or numa.node(folio) != 0


def change_present(machine: Machine, pte: Pte, change: Change) -> Pte | None:
    """The entry that takes the place of a mapping, None when it is left alone: change_present_ptes()."""
    vma = machine.vma
    if change.numa is not None and not hint_wanted(machine, pte, change.numa):
        return None
    if change.reads and change.protect and pte.protnone and pte.uffd_wp:
        return None
    new = modified(pte, change.prot)
    if change.protect:
        new = machine.kernel.mkuffd_wp(new)
    elif change.resolve:
        new = new.clear(UFFD_WP)
    if vma.uffd_rwp and new.uffd_wp:
        new = modified(new, PROTNONE)
    if change.try_write and not new.write and can_write(machine, vma, new):
        new = new.set(WRITE)
    return new


def change_nonpresent(machine: Machine, pte: Pte, change: Change) -> Pte:
    """Entries in swap form: change_softleaf_pte(). F6: a writable migration entry may not come back writable; that
    its page was exclusive is kept, and so are soft-dirty and uffd-wp. Markers are left alone, except that lifting
    userfaultfd's protection takes its marker away."""
    if pte.kind in MARKERS:
        return NONE if change.resolve and pte.kind is Kind.MARKER_UFFD_WP else pte
    if pte.kind is Kind.MIGRATION_WRITE:
        anon = machine.folio_of(pte).anon
        pte = pte._replace(kind=Kind.MIGRATION_READ_EXCLUSIVE if anon else Kind.MIGRATION_READ)
    if pte.kind is Kind.DEVICE_PRIVATE and pte.bits & WRITE:
        pte = pte.clear(WRITE | SOFT_DIRTY)  # which says nothing where a device writes
    if change.protect:
        return machine.kernel.mkuffd_wp(pte)
    return pte.clear(UFFD_WP) if change.resolve else pte


def changes_unseen(kernel: Kernel, pte: Pte) -> bool:
    """In 6.12 a device-exclusive entry says whether it is writable; losing that counts as a change."""
    return pte.kind is Kind.DEVICE_EXCLUSIVE and not kernel.device_mapped


def change_one(machine: Machine, slot: int, change: Change) -> int:
    """One entry; 1 if it counts as changed (L9)."""
    tables = machine.mm.tables
    pte = tables[slot]
    if pte.present:
        new = change_present(machine, pte, change)
        if new is None:
            return 0
        tables[slot] = new
        return 1
    if pte.none:
        if not (change.protect and change.markers and not change.reads):
            return 0
        tables[slot] = Pte(Kind.MARKER_UFFD_WP)
        return 1
    new = change_nonpresent(machine, pte, change)
    if new == pte:
        return int(changes_unseen(machine.kernel, pte))
    tables[slot] = new
    return 1


def protect(machine: Machine, start: int, end: int, change: Change) -> int:
    """Change [start, end); returns how many entries were changed. What became less permissive is flushed before the
    caller's change_protection() returns (T2)."""
    return sum(change_one(machine, slot, change) for slot in range(start, end))
