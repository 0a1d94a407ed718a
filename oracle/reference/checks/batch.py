# SPDX-License-Identifier: GPL-2.0-or-later
"""B: batch detection and its callers. `wanted` and the like are what a scan of the entries one by one says."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.batch import (
    MERGE_WRITE,
    RESPECT_DIRTY,
    RESPECT_SOFT_DIRTY,
    RESPECT_WRITE,
    Compare,
    folio_pte_batch,
    folio_pte_batch_flags,
)
from oracle.reference.examples import PFN, mapped
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.primitives import Ptes
from oracle.reference.pte import DIRTY, SOFT_DIRTY, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables, Vma

_UTIL = "mm/internal.h folio_pte_batch_flags (folio_pte_batch up to 6.16)"


def _write_back(flags: int, *bits: int) -> tuple[list[Pte], list[Pte]]:
    """Move a batch: clear it and set as many entries elsewhere from the first. Old entries, and new ones."""
    ptes, folio = mapped(*bits)
    old = ptes.tables.entries[: len(bits)]
    nr = folio_pte_batch_flags(ptes, folio, 0, old[0], len(bits), flags)[0]
    ptes.set_ptes(100, ptes.get_and_clear_full_ptes(0, nr), nr)
    return old[:nr], ptes.tables.entries[100 : 100 + nr]


@rule("B1", source=f"{_UTIL}; include/linux/pgtable.h pmd_addr_end")
def ends_with_table(tables: PageTables, slot: int, max_nr: int, vma_end: int) -> str | None:
    """A batch has at least one entry and ends with its VMA and its page table.

    Who asks for a batch gives at most (pmd_addr_end(addr, vma_end) - addr) >> PAGE_SHIFT, since detection itself knows
    neither end. Violation: entries behind the table are read and treated as page-table entries (as in reclaim's unmap).
    """
    room = tables.room(slot, vma_end)
    return None if 1 <= max_nr <= room else f"max_nr is {max_nr}, from slot {slot} there are {room} entries"


@ends_with_table.example
def _() -> Example:
    return Example(right=(PageTables(), 508, 4, 600), wrong=(PageTables(), 508, 16, 600))


@rule("B2", source=_UTIL)
def within_folio(folio: Folio, pte: Pte, nr: int) -> str | None:
    """A batch never runs past the end of its folio.

    nr <= folio_pfn + folio_nr_pages - pte_pfn. Also where advancing an entry gives none, as on Xen PV, whose next frame
    may be another domain's: the limit must not rest on the comparison. Violation: pages of the next folio in
    memory are counted to this one.
    """
    left = folio.pfn + folio.nr - pte.pfn
    return None if nr <= left else f"{nr} entries, the folio has {left} pages left"


@within_folio.example
def _() -> Example:
    folio, pte = Folio(FolioKind.ANON, PFN, 2), present(PFN + 1)
    tables = PageTables([pte.advance(i) for i in range(8)])
    return Example(right=(folio, pte, folio_pte_batch(Ptes(tables), folio, 0, pte, 8)), wrong=(folio, pte, 8))


@rule("B3", source=_UTIL)
def starts_right(folio: Folio, pte: Pte) -> str | None:
    """Batch detection starts on a present entry that lies inside the large folio it is given.

    The kernel asserts it with VM_WARN_ON_FOLIO. Violation: the limit of B2 is computed from a pfn that is not of the
    folio and wraps, or a swap entry is read as a present one.
    """
    if not pte.present:
        return f"{pte} is not present"
    inside = 0 <= pte.pfn - folio.pfn < folio.nr
    return None if folio.large and inside else f"pfn {pte.pfn:#x} is not inside of a large folio at {folio.pfn:#x}"


@starts_right.example
def _() -> Example:
    folio = Folio(FolioKind.ANON, PFN, 2)
    return Example(right=(folio, present(PFN + 3)), wrong=(folio, present(PFN + 4)))


@rule("B4", source=f"{_UTIL}, __pte_batch_clear_ignored")
def alike(entries: Sequence[Pte], compare: Compare) -> str | None:
    """All entries of a batch are present, consecutive and equal in every bit that is compared.

    Never compared: young. Compared when asked for: write, dirty, soft-dirty; up to 6.16 the latter two unless asked
    not to, and write never. All else always: uffd-wp, protnone, special, exec, protection keys. Violation: an entry in
    the batch that differs and is then treated as the first one is.
    """
    first = compare.masked(entries[0])
    for i, pte in enumerate(entries):
        if not pte.present or compare.masked(pte) != first.advance(i):
            return f"entry {i} is {pte}, not {first.advance(i)} as far as compared"
    return None


@alike.example
def _() -> Example:
    entries = [present(PFN), present(PFN + 1, YOUNG | WRITE), present(PFN + 2, SOFT_DIRTY)]
    return Example(right=(entries, Compare.from_6_17(0)), wrong=(entries, Compare.until_6_16(0)))


@rule("B5", source="mm/mremap.c move_ptes; mm/rmap.c try_to_unmap_one; mm/internal.h FPB_RESPECT_WRITE")
def no_write_gained(old: Sequence[Pte], new: Sequence[Pte]) -> str | None:
    """A batch whose entries are written back compares the write bit, so that none gains it.

    What get_and_clear_ptes() returned has the first entry's write bit; set_ptes() gives it to all. Write may be lost
    without harm (the fault handler restores it), never gained: the page may be shared with another process.
    Violation: a read-only entry comes back writable.
    """
    for i, (was, now) in enumerate(zip(old, new, strict=True)):
        if now.write and not was.write:
            return f"entry {i} was read-only and is writable"
    return None


@no_write_gained.example
def _() -> Example:
    bits = (WRITE | DIRTY, WRITE | DIRTY, DIRTY, DIRTY)
    return Example(right=_write_back(RESPECT_WRITE, *bits), wrong=_write_back(0, *bits))


@rule("B6", source="mm/rmap.c try_to_unmap_one; mm/mremap.c move_soft_dirty_pte")
def soft_dirty_kept(old: Sequence[Pte], new: Sequence[Pte]) -> str | None:
    """A batch whose entries are written back compares soft-dirty, unless all of them get it.

    mremap sets it on everything it moves, so it need not compare. Setting it where it was not is allowed (one page more
    is seen as changed); losing it is not. Violation: a checkpoint tool misses a page that was written.
    """
    for i, (was, now) in enumerate(zip(old, new, strict=True)):
        if was.soft_dirty and not now.soft_dirty:
            return f"entry {i} lost soft-dirty"
    return None


@soft_dirty_kept.example
def _() -> Example:
    bits = (0, 0, SOFT_DIRTY, SOFT_DIRTY)
    return Example(right=_write_back(RESPECT_SOFT_DIRTY, *bits), wrong=_write_back(0, *bits))


@rule("B7", source="mm/mprotect.c change_pte_range; mm/memory.c copy_present_ptes")
def dirty_kept(old: Sequence[Pte], new: Sequence[Pte]) -> str | None:
    """A batch that takes its first entry's dirty bit for all entries compares dirty.

    Not needed where the entries are cleared by a call that returns the OR of their dirty bits (S4). Violation: an entry
    that was dirty comes back clean, and its folio is dropped without being written.
    """
    for i, (was, now) in enumerate(zip(old, new, strict=True)):
        if was.dirty and not now.dirty:
            return f"entry {i} was dirty and is clean"
    return None


def _copied(flags: int) -> tuple[list[Pte], list[Pte]]:
    """Write the batch anew from the copy of its first entry, read before and not returned by the clear."""
    ptes, folio = mapped(0, 0, DIRTY, DIRTY)
    old = ptes.tables.entries[:4]
    nr, first = folio_pte_batch_flags(ptes, folio, 0, old[0], 4, flags)
    ptes.clear_full_ptes(0, nr)
    ptes.set_ptes(0, first, nr)
    return old[:nr], ptes.tables.entries[:nr]


@dirty_kept.example
def _() -> Example:
    return Example(right=_copied(RESPECT_DIRTY), wrong=_copied(0))


@rule("B8", source="mm/internal.h folio_pte_batch_flags; mm/memory.c copy_present_ptes")
def merged_write_is_protected(merged: Pte, vma: Vma | None, written: Sequence[Pte]) -> str | None:
    """Merging write bits has a VMA at hand, and the result is write-protected or copied on write.

    FPB_MERGE_WRITE makes the copy writable with pte_mkwrite(pte, vma) when any entry is. Only fork asks for it, which
    then write-protects parent and child. Violation: a NULL VMA, or the merged entry is written back as it is.
    """
    if vma is None:
        return "there is no VMA to make an entry writable with"
    bad = [i for i, pte in enumerate(written) if merged.write and pte.write]
    return f"entry {bad[0]} is written back writable" if bad else None


@merged_write_is_protected.example
def _() -> Example:
    vma = Vma(0, 4)
    ptes, folio = mapped(DIRTY, WRITE | DIRTY)
    nr, merged = folio_pte_batch_flags(ptes, folio, 0, ptes.tables[0], 2, MERGE_WRITE, vma)
    return Example(
        right=(merged, vma, [merged.wrprotect().advance(i) for i in range(nr)]),
        wrong=(merged, vma, [merged.advance(i) for i in range(nr)]),
    )


@rule("B9", source=f"{_UTIL}: ptentp")
def table_untouched(before: Sequence[Pte], after: Sequence[Pte]) -> str | None:
    """Batch detection works on a copy of the entry and never changes the page table itself.

    The bits it merges go into what ptentp points to. Violation: that is the table, so an entry turns writable or dirty
    by being looked at.
    """
    for i, (was, now) in enumerate(zip(before, after, strict=True)):
        if was != now:
            return f"entry {i} went from {was} to {now}"
    return None


@table_untouched.example
def _() -> Example:
    ptes, folio = mapped(DIRTY, WRITE | DIRTY)
    before = ptes.tables.entries[:2]
    merged = folio_pte_batch_flags(ptes, folio, 0, before[0], 2, MERGE_WRITE, Vma(0, 2))[1]
    return Example(right=(before, ptes.tables.entries[:2]), wrong=(before, [merged, before[1]]))
