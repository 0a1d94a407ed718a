# SPDX-License-Identifier: GPL-2.0-or-later
"""C: blocks of contiguous entries, arm64's contpte and riscv's Svnapot."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.contpte import CONT_PTES, ContPte
from oracle.reference.examples import PFN, folded
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, SPECIAL, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables
from oracle.reference.tlb import Tlb

_C = "arch/arm64/mm/contpte.c"


@rule("C1", source="arch/arm64/Kconfig ARM64_CONT_PTE_SHIFT; arch/arm64/include/asm/pgtable-hwdef.h CONT_PTES")
def block_size(page_kib: int, first_slot: int, pfn: int, nr: int) -> str | None:
    """Contiguous blocks have the size and alignment of the flavour.

    16 entries with 4 KiB pages (64 KiB), 128 with 16 KiB, 32 with 64 KiB (2 MiB each); aligned in virtual and physical
    address. Violation: the MMU takes the block to begin elsewhere and translates to the wrong pages.
    """
    size = CONT_PTES[page_kib]
    if nr != size:
        return f"{nr} entries, {page_kib} KiB pages have blocks of {size}"
    aligned = first_slot % size == 0 == pfn % size
    return None if aligned else f"slot {first_slot}, pfn {pfn:#x} are not aligned to {size}"


@block_size.example
def _() -> Example:
    return Example(right=(16, 128, 0x400, 128), wrong=(4, 8, 0x400, 16))


@rule("C2", source=f"{_C} __contpte_try_fold; arch/arm64/include/asm/pgtable.h contpte_try_fold")
def may_fold(block: Sequence[Pte], folio: Folio | None, user: bool) -> str | None:
    """A block is folded only when it is whole, aligned, in one folio and uniform.

    Tried after its last entry was set: of a user mm, all valid and not special, consecutive pages of one folio, equal
    but for accessed and dirty. Violation: one TLB entry for pages that are freed, or protected, apart.
    """
    first = block[0]
    if not user or folio is None:
        return "the kernel's own entries, or no folio"
    if first.pfn % len(block) or not (folio.pfn <= first.pfn and first.pfn + len(block) <= folio.pfn + folio.nr):
        return "the block is not aligned, or not within its folio"
    apart = ~(ANY_DIRTY | YOUNG)
    for i, pte in enumerate(block):
        if not pte.valid or pte.bits & SPECIAL or pte.pfn != first.pfn + i or (pte.bits ^ first.bits) & apart:
            return f"entry {i} is {pte}, the first is {first}"
    return None


@may_fold.example
def _() -> Example:
    folio, alike = Folio(FolioKind.ANON, PFN, 4), [present(PFN + i, YOUNG * (i & 1)) for i in range(16)]
    return Example(right=(alike, folio, True), wrong=([*alike[:9], alike[9].set(WRITE), *alike[10:]], folio, True))


@rule("C3", source=f"{_C} contpte_convert")
def fold_keeps_bits(before: Sequence[Pte], after: Sequence[Pte]) -> str | None:
    """A folded block is dirty or young when any of its entries was.

    Folding and unfolding clear all entries, OR these bits, and set all with the result. Violation: a dirty bit that was
    on one entry is on none.
    """
    for bit, name in ((ANY_DIRTY, "dirty"), (YOUNG, "young")):
        if any(pte.bits & bit for pte in before) and not all(pte.bits & bit for pte in after):
            return f"an entry was {name}, after it not all are"
    return None


@fold_keeps_bits.example
def _() -> Example:
    ptes = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 4)]))
    for i in range(15):
        ptes.set_ptes(i, present(PFN + i, WRITE | (DIRTY if i == 6 else 0)))
    before = [*ptes.tables.entries[:15], present(PFN + 15, WRITE)]
    ptes.set_ptes(15, before[15])
    after = ptes.tables.entries[:16]
    return Example(right=(before, after), wrong=(before, [pte.mkclean() for pte in after]))


@rule("C4", source=f"{_C} contpte_try_unfold_partial")
def whole_or_none(block: Sequence[Pte]) -> str | None:
    """A block is unfolded before a part of it is changed.

    Before a range is cleared or write-protected, at both of its ends; before one entry is set. block: the entries of
    an aligned block after the change. Violation: the contiguous bit stays on entries that are no longer alike.
    """
    marked = [i for i, pte in enumerate(block) if pte.bits & CONT]
    if not marked:
        return None
    if len(marked) < len(block):
        return f"{len(marked)} of {len(block)} entries have the contiguous bit"
    apart = ~(ANY_DIRTY | YOUNG)
    differ = [i for i, pte in enumerate(block) if pte.pfn != block[0].pfn + i or (pte.bits ^ block[0].bits) & apart]
    return f"entry {differ[0]} differs in a folded block" if differ else None


@whole_or_none.example
def _() -> Example:
    ptes, raw = folded(), folded().tables
    ptes.wrprotect_ptes(4, 3)
    for at in range(4, 7):
        raw[at] = raw[at].wrprotect()
    return Example(right=(ptes.tables.entries[:16],), wrong=(raw.entries[:16],))


@rule("C5", source=f"{_C} contpte_set_ptes")
def whole_blocks_set_folded(tables: PageTables, slot: int, nr: int, cont: int) -> str | None:
    """Aligned whole blocks are set contiguous at once.

    By a call with nr > 1 of a user mm: nothing folds them later, since folding is tried after single sets only. Not an
    error but cost. Violation: a block that could be folded and is not.
    """
    for first in range(-(-slot // cont) * cont, slot + nr - cont + 1, cont):
        pte = tables.entries[first]
        if pte.pfn % cont == 0 and not pte.bits & CONT:
            return f"the block at slot {first} is not folded"
    return None


@whole_blocks_set_folded.example
def _() -> Example:
    plain = PageTables([present(PFN + i) for i in range(20)])
    return Example(right=(folded(nr=20).tables, 0, 20, 16), wrong=(plain, 0, 20, 16))


@rule("C6", source=f"{_C} contpte_wrprotect_ptes")
def no_write_after_flush(tables: PageTables, tlb: Tlb, slot: int, nr: int) -> str | None:
    """Write-protecting leaves no writable entry in a block after its flush.

    A whole block stays folded, and until the flush either permission may be in force; a part of one is unfolded first.
    Violation: an entry, or a translation some CPU holds, still allows to write.
    """
    for at in range(slot, slot + nr):
        if tables.entries[at].bits & WRITE or any(cpu[at].bits & WRITE for cpu in tlb.held if at in cpu):
            return f"slot {at} can still be written through"
    return None


@no_write_after_flush.example
def _() -> Example:
    made = []
    for flush in (True, False):
        ptes = folded(WRITE | DIRTY | YOUNG)
        tlb = Tlb(ptes.tables, cont=16)
        tlb.access(1, 5)
        ptes.wrprotect_ptes(0, 16)
        if flush:
            tlb.flush(0, 16)
        made.append((ptes.tables, tlb, 0, 16))
    return Example(right=made[0], wrong=made[1])


@rule("C7", source=f"{_C} contpte_clear_young_dirty_ptes, contpte_test_and_clear_young_ptes")
def clears_at_most_block(before: Sequence[Pte], after: Sequence[Pte], slot: int, nr: int, cont: int) -> str | None:
    """Clearing young or dirty reaches beyond the range at most to the block's ends.

    Allowed since these bits are kept by folio and a block is of one folio; only for folded blocks. Violation: an entry
    beyond is changed, or one that is not even present.
    """
    for at, (was, now) in enumerate(zip(before, after, strict=True)):
        in_block = was.bits & CONT and was.present and any(at // cont == end // cont for end in (slot, slot + nr - 1))
        if was != now and not slot <= at < slot + nr and not in_block:
            return f"slot {at} was {was} and is {now}"
    return None


@clears_at_most_block.example
def _() -> Example:
    ptes = folded(DIRTY | YOUNG, 32)
    before = ptes.tables.entries[:32]
    ptes.clear_young_dirty_ptes(3, 2, young=True, dirty=True)
    after = ptes.tables.entries[:32]
    beyond = [*after[:20], after[20].clear(YOUNG), *after[21:]]
    return Example(right=(before, after, 3, 2, 16), wrong=(before, beyond, 3, 2, 16))
