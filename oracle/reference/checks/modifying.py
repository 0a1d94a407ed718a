# SPDX-License-Identifier: GPL-2.0-or-later
"""S: clearing bits, protection changes, and reading; the rest of the S rules is in setting.py."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.contpte import ContPte
from oracle.reference.examples import PFN, run, table
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes
from oracle.reference.pte import (
    ANY_DIRTY,
    CONT,
    DIRTY,
    EXCLUSIVE,
    NONE,
    WRITE,
    YOUNG,
    Pte,
    present,
    swap,
)  # fmt: skip
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables
from oracle.reference.tlb import Tlb

_H = "include/linux/pgtable.h"


@rule("S8", source=f"{_H} clear_young_dirty_ptes")
def only_flags_cleared(old: Sequence[Pte], after: Sequence[Pte], young: bool, dirty: bool) -> str | None:
    """Clearing young or dirty takes just the bits asked for, of each entry meant, and keeps write.

    young, dirty: CYDP_CLEAR_YOUNG, CYDP_CLEAR_DIRTY. Entries may differ from one another and stay so. Violation: a
    write bit is gone, or dirty although only young was to go.
    """
    bits = (YOUNG if young else 0) | (ANY_DIRTY if dirty else 0)
    for i, (was, now) in enumerate(zip(old, after, strict=True)):
        if now != was.clear(bits):
            return f"entry {i} went from {was} to {now}"
    return None


@only_flags_cleared.example
def _() -> Example:
    ptes = table(*run(WRITE | DIRTY | YOUNG, YOUNG))
    old = ptes.tables.entries[:2]
    ptes.clear_young_dirty_ptes(0, 2, young=True)
    wrong = [pte.mkclean() for pte in ptes.tables.entries[:2]]
    return Example(right=(old, ptes.tables.entries[:2], True, False), wrong=(old, wrong, True, False))


@rule("S9", source=f"{_H} test_and_clear_young_ptes, clear_flush_young_ptes")
def young_of_any(old: Sequence[Pte], answer: bool) -> str | None:
    """Pages count as used when any of their entries is young, and a cleared use is passed on.

    Violation: only the first is asked, and a folio in use looks idle to reclaim.
    """
    return None if answer == any(pte.young for pte in old) else f"the answer is {answer}"


@young_of_any.example
def _() -> Example:
    ptes = table(*run(0, 0, YOUNG))
    old = ptes.tables.entries[:3]
    return Example(right=(old, ptes.test_and_clear_young_ptes(0, 3)), wrong=(old, old[0].young))


@rule("S10", source=f"{_H} modify_prot_start_ptes, modify_prot_commit_ptes")
def started_and_committed(started: tuple[int, int], committed: tuple[int, int] | None) -> str | None:
    """A protection change is started and committed on the same entries in one lock section.

    started, committed: (slot, number of entries), None when the lock was dropped first. Accessed and dirty bits set in
    between are in what start returned. Violation: entries stay cleared, that is, mappings are lost.
    """
    if committed is None:
        return "the lock is dropped with the entries still out"
    return None if started == committed else f"started {started}, committed {committed} (slot, entries)"


@started_and_committed.example
def _() -> Example:
    return Example(right=((3, 4), (3, 4)), wrong=((3, 4), (3, 1)))


@rule("S11", source="mm/mprotect.c prot_commit_flush_ptes; include/linux/pgtable.h modify_prot_commit_ptes")
def commit_keeps_page(old: Pte, new: Pte) -> str | None:
    """A committed entry differs from the started one by the new protection and added bits only.

    Parts of a batch are committed with old and new entry advanced alike. Violation: a part is committed with the pfn of
    another, or a dirty bit that start returned is missing.
    """
    if old.pfn != new.pfn:
        return f"pfn {new.pfn:#x} is put where {old.pfn:#x} was"
    return "the dirty bit is lost" if old.dirty and not new.dirty else None


@commit_keeps_page.example
def _() -> Example:
    old = present(PFN + 4, DIRTY)
    return Example(right=(old, old.set(WRITE)), wrong=(old, present(PFN, DIRTY | WRITE)))


@rule("S12", source=f"{_H} clear_nonpresent_ptes, clear_not_present_full_ptes")
def clears_nonpresent(old: Sequence[Pte]) -> str | None:
    """Clearing non-present entries in bulk meets no present entry and stays in one page table.

    Nothing is flushed and nothing unmapped for them. Violation: a mapping vanishes, its counts and translation stay.
    """
    there = [i for i, pte in enumerate(old) if pte.present]
    return f"entry {there[0]} is present" if there else None


@clears_nonpresent.example
def _() -> Example:
    return Example(right=([swap(0, 1), swap(0, 2, EXCLUSIVE)],), wrong=([swap(0, 1), present(PFN)],))


@rule("S13", source="arch/arm64/include/asm/pgtable.h ptep_get; arch/arm64/mm/contpte.c contpte_ptep_get")
def read_by_accessor(ptes: Ptes, slot: int, seen: Pte) -> str | None:
    """Entries are read by the accessor, which knows about blocks, and not through the pointer.

    In a folded block accessed and dirty are the block's, and the hardware may have set them in any of its entries.
    Violation: *ptep says clean, ptep_get() says dirty.
    """
    right = ptes.ptep_get(slot)
    return None if seen == right else f"seen {seen}, ptep_get() says {right}"


@read_by_accessor.example
def _() -> Example:
    ptes = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 4)]))
    ptes.set_ptes(0, present(PFN, WRITE), 16)
    ptes.tables[7] = ptes.tables[7].set(DIRTY | YOUNG)
    return Example(right=(ptes, 2, ptes.ptep_get(2)), wrong=(ptes, 2, ptes.tables[2]))


@rule("S14", source="arch/arm64/include/asm/pgtable.h set_ptes, pte_mknoncont")
def cont_is_private(block: Sequence[Pte]) -> str | None:
    """Generic code neither sets, keeps nor tests the contiguous bit.

    An entry read from a block and set elsewhere brings the bit along; the setters drop it. block: the entries of an
    aligned block. Violation: the bit is on some entries only, which the architecture calls misprogramming.
    """
    marked = sum(bool(pte.bits & CONT) for pte in block)
    return None if marked in {0, len(block)} else f"{marked} of {len(block)} entries have the contiguous bit"


@cont_is_private.example
def _() -> Example:
    ptes = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 5)]))
    ptes.set_ptes(0, present(PFN), 16)
    leaked = ptes.ptep_get(3)
    ptes.set_ptes(35, leaked)
    raw = PageTables()
    raw[35] = leaked
    return Example(right=(ptes.tables.entries[32:48],), wrong=(raw.entries[32:48],))


@rule("S15", source="mm/memory.c wp_page_copy; Arm ARM D8.16 (break-before-make)")
def page_changes_after_flush(tlb: Tlb, slot: int, new: Pte) -> str | None:
    """A present entry is cleared and flushed before it maps another page.

    ptep_clear_flush() comes before set_pte_at() wherever a page is replaced, copy on write first of all. Violation: two
    CPUs use two pages at one address.
    """
    live = [held for cpu in tlb.held if (held := cpu.get(slot)) is not None and held.pfn != new.pfn]
    return f"{new} is set while {live[0]} is still held" if live else None


@page_changes_after_flush.example
def _() -> Example:
    flushed, live = Tlb(PageTables(run(YOUNG))), Tlb(PageTables(run(YOUNG)))
    for tlb in (flushed, live):
        tlb.access(0, 0)
        tlb.tables[0] = NONE
    flushed.flush(0, 1)
    return Example(right=(flushed, 0, present(PFN + 9)), wrong=(live, 0, present(PFN + 9)))
