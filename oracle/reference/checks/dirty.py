# SPDX-License-Identifier: GPL-2.0-or-later
"""D1 to D8: what an entry knows of the page (dirty, young) and of who watches it (soft-dirty, userfaultfd)."""

from __future__ import annotations

from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import ANY_DIRTY, DIRTY, NONE, SOFT_DIRTY, UFFD_WP, WRITE, YOUNG, Kind, Pte, present, swap
from oracle.reference.rules import Example, rule
from oracle.reference.table import Mm, PageTables, Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.move import forgets_uffd, moved
from oracle.reference.walkers.zap import Zap, marker_after, zap


def file_machine(pte: Pte, vma: Vma | None = None) -> Machine:
    """A machine whose slot 0 maps the page at pfn 64 of a file folio."""
    folio = Folio(FolioKind.FILE, 64, refs=3, swapbacked=False)
    folio.add_rmap(0)
    return Machine(Mm(PageTables([pte])), vma or Vma(0, 1, shared=True, file=True), memory=Memory([folio]))


def zapped(pte: Pte) -> Folio:
    """The folio after its only mapping is zapped."""
    machine = file_machine(pte)
    zap(machine, 0, 1, Zap())
    return machine.memory.folios[0]


@rule("D1", source="mm/memory.c zap_present_folio_ptes; mm/rmap.c try_to_unmap_one")
def dirty_reaches_folio(was: Pte, now: Pte, folio: Folio) -> str | None:
    """A dirty entry reaches the folio before its mapping goes away.

    For a file's page: anonymous memory that is zapped is never read again, and one that is swapped out is written
    because of the swap slot. Violation: a page that was written through the mapping is dropped as clean.
    """
    kept = now.present and now.dirty
    return f"{was} is gone and the folio is clean" if was.dirty and not kept and not folio.dirty else None


@dirty_reaches_folio.example
def _() -> Example:
    pte = present(64, DIRTY)
    return Example(right=(pte, NONE, zapped(pte)), wrong=(pte, NONE, Folio(FolioKind.FILE, 64, refs=2)))


@rule("D2", source="mm/memory.c zap_present_folio_ptes, set_pte_range; mm/rmap.c folio_referenced_one")
def young_reaches_folio(was: Pte, folio: Folio, ahead: Pte = NONE) -> str | None:
    """A young entry reaches the folio, and one mapped ahead is old where the architecture wants it.

    folio_mark_accessed() when a file's mapping is zapped. ahead: an entry that a fault mapped beside the one it was
    for, on a CPU that sets accessed bits (arm64). Violation: pages in use look unused to reclaim, or the other way
    round; no data is lost, so this is a question of performance.
    """
    if ahead.present and ahead.young:
        return f"{ahead} was mapped ahead of use and is young"
    return f"{was} is gone and the folio was not marked accessed" if was.young and not folio.referenced else None


@young_reaches_folio.example
def _() -> Example:
    pte = present(64, YOUNG)
    return Example(right=(pte, zapped(pte)), wrong=(pte, zapped(present(64))))


@rule("D3", source="mm/memory.c do_anonymous_page, wp_page_reuse, wp_page_copy, set_pte_range, do_swap_page")
def writable_is_dirty(pte: Pte, write: bool) -> str | None:
    """An entry that a write fault maps or unshares is dirty when it is writable.

    pte: what the fault left; write: whether it was one. Else a writable entry may be clean: mprotect() and NUMA hinting
    faults give write where no fault is waited for, and MADV_FREE takes dirty alone. Violation: the write that follows
    is seen only where the hardware sets dirty.
    """
    return f"{pte} is writable and clean" if write and pte.write and not pte.dirty else None


@writable_is_dirty.example
def _() -> Example:
    return Example(right=(present(64, WRITE | DIRTY), True), wrong=(present(64, WRITE), True))


@rule("D4", source="mm/mremap.c move_soft_dirty_pte")
def moved_is_soft_dirty(was: Pte, arrived: Pte) -> str | None:
    """Moving an entry marks its new place soft-dirty, in present and in swap form.

    Who tracks changes by address has to look there again. Violation: the bit is missing at the new place, or dirty was
    set in its stead.
    """
    if was.none or arrived.none:
        return None
    if not arrived.bits & SOFT_DIRTY:
        return f"{was} arrives as {arrived}"
    return f"{was} became dirty" if arrived.bits & ~was.bits & ANY_DIRTY else None


@moved_is_soft_dirty.example
def _() -> Example:
    was = swap(0, 8)
    return Example(right=(was, moved(was, Vma(0, 8), Kernel())), wrong=(was, was))


@rule("D5", source="mm/rmap.c swp_pte_prepare; mm/memory.c do_swap_page")
def bits_cross_forms(was: Pte, now: Pte) -> str | None:
    """Soft-dirty and uffd-wp survive between present and swap form, read by the right accessors.

    The bits have other places in swap form: pte_swp_soft_dirty(), pte_swp_uffd_wp(). Violation: a bit is dropped or
    another one is read as it; checkpoints miss a write, or userfaultfd does.
    """
    lost = was.bits & ~now.bits & (SOFT_DIRTY | UFFD_WP)
    return f"{was} becomes {now}" if lost and not now.none else None


@bits_cross_forms.example
def _() -> Example:
    was = present(64, SOFT_DIRTY | UFFD_WP)
    return Example(right=(was, Kernel().swap_entry(1, 5, was, exclusive=False)), wrong=(was, swap(1, 5, SOFT_DIRTY)))


@rule("D6", source="mm/mprotect.c change_present_ptes; arch/x86/include/asm/pgtable.h pte_mkuffd_wp")
def protected_is_readonly(pte: Pte) -> str | None:
    """An entry protected by userfaultfd stays write-protected until that is resolved.

    Violation: an entry with uffd-wp is writable: its owner is not told of the write.
    """
    return f"{pte} is writable" if pte.present and pte.uffd_wp and pte.write else None


@protected_is_readonly.example
def _() -> Example:
    writable = present(64, WRITE | DIRTY)
    return Example(right=(Kernel().mkuffd_wp(writable),), wrong=(writable.set(UFFD_WP),))


@rule("D7", source="include/linux/mm_inline.h pte_install_uffd_wp_if_needed; mm/memory.c zap_install_uffd_wp_if_needed")
def marker_stays(was: Pte, now: Pte, vma: Vma, drop: bool) -> str | None:
    """Unmapping file entries protected by userfaultfd leaves a marker for each, unless told not to.

    drop: ZAP_FLAG_DROP_MARKER. A batch is protected as a whole or not at all, since its entries are equal in uffd-wp.
    Violation: the next fault maps the page unprotected, or a marker appears where nothing was protected.
    """
    wanted = marker_after(was, vma, drop)
    return None if now == wanted else f"{was} leaves {now}, not {wanted}"


@marker_stays.example
def _() -> Example:
    vma = Vma(0, 1, shared=True, file=True, uffd_wp=True)
    was = present(64, UFFD_WP)
    machine = file_machine(was, vma)
    zap(machine, 0, 1, Zap())
    return Example(right=(was, machine.mm.tables[0], vma, False), wrong=(was, NONE, vma, False))


@rule("D8", source="mm/mremap.c move_ptes; include/linux/userfaultfd_k.h vma_has_uffd_without_event_remap")
def forgets_protection(arrived: Pte, vma: Vma) -> str | None:
    """Moving to a userfaultfd without remap events drops its protection bits and markers.

    Its owner does not know the new address and could never lift the protection. Violation: present or swap entries
    with uffd-wp, or markers, arrive.
    """
    left = arrived.kind is Kind.MARKER_UFFD_WP or bool(arrived.bits & UFFD_WP)
    return f"{arrived} arrives" if forgets_uffd(vma) and left else None


@forgets_protection.example
def _() -> Example:
    vma, was = Vma(0, 8, uffd_wp=True), swap(0, 8, UFFD_WP)
    return Example(right=(moved(was, vma, Kernel()), vma), wrong=(was, vma))
