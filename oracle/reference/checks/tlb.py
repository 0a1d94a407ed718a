# SPDX-License-Identifier: GPL-2.0-or-later
"""T: translations that CPUs hold, and the gather that unmapping collects its flush in."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.examples import PFN
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.primitives import Ptes
from oracle.reference.pte import DIRTY, NONE, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables
from oracle.reference.tlb import DeferredFlush, Gather, Tlb, allows_more


def _warm(nr: int = 4, bits: int = WRITE | DIRTY | YOUNG) -> tuple[Ptes, Tlb]:
    """Entries that every CPU holds."""
    ptes = Ptes(PageTables([present(PFN + i, bits) for i in range(nr)]))
    tlb = Tlb(ptes.tables)
    tlb.walk_all()
    return ptes, tlb


@rule("T1", source="mm/mmu_gather.c tlb_flush_mmu; include/asm-generic/tlb.h")
def freed_after_flush(tlb: Tlb, freed: Sequence[int]) -> str | None:
    """A page is freed only after its translations are gone.

    Unhook, invalidate, free: in that order. freed: pfns at the moment they are given back. Violation: a process reads
    or writes a page that belongs to another one by now.
    """
    live = [pfn for pfn in freed if tlb.holds(pfn)]
    return f"pfn {live[0]:#x} is freed and a CPU still reaches it" if live else None


@freed_after_flush.example
def _() -> Example:
    made = []
    for flush in (True, False):
        ptes, tlb = _warm()
        ptes.get_and_clear_full_ptes(0, 4)
        if flush:
            tlb.flush(0, 4)
        made.append((tlb, [PFN, PFN + 3]))
    return Example(right=made[0], wrong=made[1])


@rule("T2", source="mm/mprotect.c change_pte_range; mm/memory.c zap_pte_range")
def no_stale_left(tlb: Tlb) -> str | None:
    """The whole batch is flushed before the lock is dropped or the gather ends.

    Whatever was cleared or allows less than before, [addr, addr + nr * PAGE_SIZE). Violation: a CPU still writes
    through an entry of the batch that was not flushed, typically all but its first.
    """
    stale = tlb.stale()
    return str(stale[0]) if stale else None


@no_stale_left.example
def _() -> Example:
    made = []
    for nr in (4, 1):
        ptes, tlb = _warm()
        ptes.wrprotect_ptes(0, 4)
        tlb.flush(0, nr)
        made.append((tlb,))
    return Example(right=made[0], wrong=made[1])


@rule("T3", source="arch/x86/include/asm/tlbflush.h pte_needs_flush; mm/mprotect.c")
def no_flush_for_more(old: Pte, new: Pte, flushed: bool) -> str | None:
    """No flush is spent where an entry only gains permissions.

    Nothing was there, or what may be held allows less: the worst is a fault that finds nothing to do. Cost only; a
    flush too many is never wrong. Violation: each page of a new mapping is flushed.
    """
    return "flushed for nothing" if flushed and not (old.valid and allows_more(old, new)) else None


@no_flush_for_more.example
def _() -> Example:
    old, new = present(PFN, YOUNG), present(PFN, YOUNG | WRITE)
    return Example(right=(old, new, False), wrong=(old, new, True))


@rule("T4", source="mm/mremap.c move_ptes")
def moved_and_flushed(tlb: Tlb, locks_held: bool) -> str | None:
    """Moving entries flushes the old range before both locks are dropped.

    Afterwards another CPU may write-protect, unmap or clean the page at its new place and flush only there. Violation:
    with the locks gone, a CPU still writes through the old address.
    """
    stale = tlb.stale()
    return f"with the locks dropped, {stale[0]}" if stale and not locks_held else None


@moved_and_flushed.example
def _() -> Example:
    made = []
    for flush_first in (True, False):
        ptes, tlb = _warm()
        ptes.set_ptes(100, ptes.get_and_clear_full_ptes(0, 4), 4)
        if flush_first:
            tlb.flush(0, 4)
        made.append((tlb, False))
    return Example(right=made[0], wrong=made[1])


@rule("T5", source="include/asm-generic/tlb.h tlb_remove_tlb_entries, tlb_flush_pte_range")
def range_as_long(gather: Gather, slot: int, nr: int) -> str | None:
    """The gathered range is as long as the batch.

    It grows by nr entries before the pages go in. Violation: tlb_remove_tlb_entry() for a batch, whose last nr - 1
    translations survive the gather.
    """
    inside = gather.start is not None and gather.start <= slot and slot + nr <= gather.end
    return None if inside else f"the gather ends at slot {gather.end}, the batch at slot {slot + nr}"


@range_as_long.example
def _() -> Example:
    right, wrong = Gather(_warm()[1]), Gather(_warm()[1])
    right.remove_tlb_entries(0, 4)
    wrong.remove_tlb_entries(0)
    return Example(right=(right, 0, 4), wrong=(wrong, 0, 4))


@rule("T6", source="mm/mmu_gather.c __tlb_remove_folio_pages; mm/memory.c zap_present_folio_ptes")
def full_means_flush(full_after: Sequence[bool], flushed_after: Sequence[bool], lost: int) -> str | None:
    """A full gather forces a flush after the batch at hand and loses no page.

    full_after, flushed_after: for each batch, whether the gather said it is full and whether the loop then stopped to
    flush. lost: pages unmapped and never queued. Violation: the answer is ignored, or taken for "not queued".
    """
    for i, (full, flushed) in enumerate(zip(full_after, flushed_after, strict=True)):
        if full and not flushed:
            return f"the gather is full after batch {i} and is not flushed"
    return f"{lost} pages are lost" if lost else None


@full_means_flush.example
def _() -> Example:
    folio, (_, tlb) = Folio(FolioKind.ANON, PFN, 2, refs=4), _warm()
    gather = Gather(tlb, room=2)
    full = []
    for i in range(2):
        gather.remove_tlb_entries(i)
        full.append(gather.remove_pages(folio, i, 1))
    return Example(right=(full, [False, True], 0), wrong=(full, [False, False], 0))


@rule("T7", source="mm/rmap.c flush_tlb_batched_pending; mm/mprotect.c, mm/mremap.c, mm/memory.c zap_pte_range")
def deferred_done_first(deferred: DeferredFlush, lock_taken: bool) -> str | None:
    """Flushes that reclaim has put off are done after taking the lock.

    Reclaim clears entries and flushes later, in bulk; who then finds them none under the lock, and reports the range as
    protected or moved, must not rely on that. Violation: it returns while a CPU can still write there.
    """
    return f"the flush of slot {deferred.pending[0][0]} is still put off" if lock_taken and deferred.pending else None


@deferred_done_first.example
def _() -> Example:
    made = []
    for flush in (True, False):
        ptes, tlb = _warm()
        deferred = DeferredFlush(tlb)
        ptes.get_and_clear_full_ptes(0, 4)
        deferred.defer(0, 4)
        if flush:
            deferred.flush()
        made.append((deferred, True))
    return Example(right=made[0], wrong=made[1])


@rule("T8", source="include/asm-generic/tlb.h pte_needs_flush; mm/mprotect.c prot_commit_flush_ptes")
def each_decides(old: Sequence[Pte], new: Sequence[Pte], flushed: Sequence[bool]) -> str | None:
    """Whether to flush is decided from each entry's own old bits.

    A batch may hold entries that differ in write or dirty. Violation: the first was read-only, so none is flushed, and
    a later one was writable.
    """
    for i, (was, now, done) in enumerate(zip(old, new, flushed, strict=True)):
        if was.valid and allows_more(was, now) and not done:
            return f"entry {i} went from {was} to {now} without a flush"
    return None


@each_decides.example
def _() -> Example:
    old = [present(PFN, YOUNG), present(PFN + 1, WRITE | DIRTY | YOUNG)]
    new = [pte.wrprotect() for pte in old]
    return Example(right=(old, new, [False, True]), wrong=(old, new, [False, False]))


@rule("T9", source="mm/memory.c zap_present_folio_ptes (force_flush, delay_rmap); mm/mmu_gather.c tlb_flush_rmaps")
def late_write_counts(tlb: Tlb, folio: Folio, entries: Sequence[Pte]) -> str | None:
    """A write through a translation not yet flushed still makes the folio dirty.

    A CPU that holds an entry as dirty writes without a look at the table. So the flush of a shared file mapping is
    forced before the lock is dropped, and until then the folio counts as mapped: whoever cleans it waits for the lock.
    Violation: the folio is clean with such a write still possible, or done.
    """
    dirty = folio.dirty or any(pte.present and pte.dirty for pte in entries)
    pages = range(folio.pfn, folio.pfn + folio.nr)
    writable = any(pte.pfn in pages and pte.bits & WRITE and pte.dirty for held in tlb.held for pte in held.values())
    if not dirty and tlb.written & set(pages):
        return "the folio was written to and nothing says so"
    return "the folio is clean, a CPU can still write to it unseen" if not dirty and writable else None


@late_write_counts.example
def _() -> Example:
    made = []
    for marked in (True, False):
        ptes, tlb = _warm(1)
        folio = Folio(FolioKind.FILE, PFN)
        if ptes.get_and_clear_full_ptes(0).dirty and marked:
            folio.dirty = True
        tlb.access(1, 0, write=True)
        made.append((tlb, folio, [NONE]))
    return Example(right=made[0], wrong=made[1])


@rule("T10", source="arch/x86/mm/pgtable.c ptep_clear_flush_young; arch/arm64/include/asm/pgtable.h")
def young_needs_none(old: Pte, new: Pte, waited: bool) -> str | None:
    """Clearing young waits for no flush.

    A CPU that holds the translation does not set the bit again for a while, so a page in use may look idle: reclaim's
    heuristics live with it. Cost only. Violation: a flush is waited for although nothing but young changed.
    """
    return "a flush is waited for" if waited and old.clear(YOUNG) == new.clear(YOUNG) else None


@young_needs_none.example
def _() -> Example:
    old = present(PFN, YOUNG | WRITE)
    return Example(right=(old, old.clear(YOUNG), False), wrong=(old, old.clear(YOUNG), True))
