# SPDX-License-Identifier: GPL-2.0-or-later
"""Contiguous blocks: folding, unfolding, and each contpte operation of arm64; Svnapot of riscv as a variant.

A block is CONT_PTES neighbouring entries, aligned in virtual and physical address, that one TLB entry may cover.
The architecture wants all of them alike but for accessed and dirty bits, which the hardware may set in any of them:
so these are the block's, and reading one entry gives the OR. Changing a part of a block means to unfold it first.
Semantics: arch/arm64/mm/contpte.c and arch/arm64/include/asm/pgtable.h.
"""

from __future__ import annotations

from dataclasses import dataclass

from oracle.reference.folio import Memory
from oracle.reference.primitives import Flush, Ptes, mknoncont, no_flush
from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, HW_DIRTY, PROTNONE, SPECIAL, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import PageTables

CONT_PTES = {4: 16, 16: 128, 64: 32}
"""Entries of a block by page size in KiB (C1): CONT_PTE_SHIFT of arch/arm64/Kconfig; 64 KiB, 2 MiB, 2 MiB."""
_AD = ANY_DIRTY | YOUNG
_ACCESS = WRITE | ANY_DIRTY | YOUNG


@dataclass
class Counts:
    """How often blocks were folded and unfolded (C11)."""

    folds: int = 0
    unfolds: int = 0


def in_block(pte: Pte) -> bool:
    """pte_valid_cont(): the raw entry is one of a folded block."""
    return pte.kind is Kind.PRESENT and pte.bits & (CONT | PROTNONE) == CONT


class ContPte(Ptes):
    """The primitives where blocks fold. user: the mm is not the kernel's, whose entries stay as they are (C12).
    bbml2: the CPU takes a changed contiguous bit without a flush in between (BBML2_NOABORT). flush_everywhere: a
    write fault that adds permissions invalidates on all CPUs, as up to 6.18, and not on the faulting one alone."""

    hardware_dirty = HW_DIRTY

    def __init__(self, tables: PageTables, memory: Memory, cont: int = 16, flush: Flush = no_flush, *,
                 user: bool = True, bbml2: bool = False, flush_everywhere: bool = False,
                 has_soft_dirty: bool = False) -> None:  # fmt: skip
        super().__init__(tables, flush, has_soft_dirty=has_soft_dirty)
        self.memory, self.cont, self.user, self.bbml2 = memory, cont, user, bbml2
        self.flush_everywhere = flush_everywhere
        self.counts = Counts()

    def _block(self, slot: int) -> range:
        first = slot - slot % self.cont
        return range(first, first + self.cont)

    # Folding and unfolding.

    def _try_fold(self, slot: int, pte: Pte) -> None:
        """contpte_try_fold(): after the last entry of a block was set, when it looks like one (C2)."""
        last = self.cont - 1
        if slot % self.cont != last or pte.pfn % self.cont != last or not pte.valid or pte.bits & (CONT | SPECIAL):
            return
        folio = self.memory.folio(pte.pfn)
        block = self._block(slot)
        if not self.user or folio is None or pte.pfn - last < folio.pfn or pte.pfn >= folio.pfn + folio.nr:
            return
        first, wanted = pte.pfn - last, pte.bits & ~_AD
        entries = self.tables.entries
        for i, at in enumerate(block):
            one = entries[at]
            if one.kind is not Kind.PRESENT or one.pfn != first + i or one.bits & ~_AD != wanted:
                return
        self._convert(slot, pte.set(CONT))
        self.counts.folds += 1

    def _try_unfold(self, slot: int) -> None:
        """contpte_try_unfold(): before an entry of a folded block is changed by itself (C4)."""
        pte = self.tables[slot]
        if self.user and in_block(pte):
            self._convert(slot, mknoncont(pte))
            self.counts.unfolds += 1

    def _unfold_partial(self, slot: int, nr: int) -> None:
        """contpte_try_unfold_partial(): only blocks of which the range [slot, slot + nr) covers a part."""
        if slot % self.cont or nr < self.cont:
            self._try_unfold(slot)
        if (slot + nr) % self.cont:
            self._try_unfold(slot + nr - 1)

    def _convert(self, slot: int, pte: Pte) -> None:
        """contpte_convert(): clear the block, flush, set it anew (break-before-make, C9); its accessed and dirty
        bits are the OR over its entries (C3)."""
        block = self._block(slot)
        pte = pte.advance(block.start - slot)
        for at in block:
            old = self._xchg(at, Pte())
            if old.bits & ANY_DIRTY:
                pte = self.mkdirty(pte)
            if old.bits & YOUNG:
                pte = pte.set(YOUNG)
        if not self.bbml2:
            self.flush(block.start, block.stop)
        self._set(block.start, pte, self.cont)

    # Reading.

    def ptep_get(self, slot: int) -> Pte:
        """The raw entry with the accessed and dirty bits of its whole block (S13)."""
        pte = self.tables[slot]
        if not in_block(pte):
            return pte
        for at in self._block(slot):
            bits = self.tables.entries[at].bits
            if bits & ANY_DIRTY:
                pte = self.mkdirty(pte)
            if bits & YOUNG:
                pte = pte.set(YOUNG)
        return pte

    def batch_hint(self, slot: int, pte: Pte) -> int:
        """To the end of the block; 1 outside of one."""
        return self.cont - slot % self.cont if in_block(pte) else 1

    # Setting.

    def set_ptes(self, slot: int, pte: Pte, nr: int = 1) -> None:
        """One entry: unfold around it, set it, and fold if it completes a block. Several: whole aligned blocks are
        set folded at once, the rest plain (C5); a leaked contiguous bit is dropped (S14). What is not valid (PROTNONE)
        is never folded: so since 7.3, see docs/kernel-findings.md for what came of it before."""
        pte = mknoncont(pte)
        if nr == 1:
            self._try_unfold(slot)
            super().set_ptes(slot, pte)
            self._try_fold(slot, pte)
            return
        if not self.user or not pte.valid:
            super().set_ptes(slot, pte, nr)
            return
        while nr:
            step = min(nr, self.cont - slot % self.cont)
            whole = step == self.cont and pte.pfn % self.cont == 0
            super().set_ptes(slot, pte.set(CONT) if whole else pte, step)
            slot, pte, nr = slot + step, pte.advance(step), nr - step

    # Clearing and changing bits: what reaches a part of a block unfolds it.

    def get_and_clear_full_ptes(self, slot: int, nr: int = 1) -> Pte:
        """Unfolds blocks that are cleared in part; then as ever."""
        self._unfold_partial(slot, nr)
        return super().get_and_clear_full_ptes(slot, nr)

    def wrprotect_ptes(self, slot: int, nr: int = 1) -> None:
        """Whole blocks stay folded (C6); until the flush that must follow, either permission may be in force."""
        self._unfold_partial(slot, nr)
        super().wrprotect_ptes(slot, nr)

    def _whole_blocks(self, slot: int, nr: int) -> range:
        """The range with the rest of the folded blocks at its ends (C7): accessed and dirty are the block's."""
        start, end = slot, slot + nr
        if self.tables[end - 1].bits & CONT:
            end = self._block(end - 1).stop
        if self.tables[slot].bits & CONT:
            start = self._block(slot).start
        return range(start, end)

    def clear_young_dirty_ptes(self, slot: int, nr: int, *, young: bool = False, dirty: bool = False) -> None:
        """Of the blocks at the ends, too; no unfold."""
        run = self._whole_blocks(slot, nr)
        super().clear_young_dirty_ptes(run.start, len(run), young=young, dirty=dirty)

    def test_and_clear_young_ptes(self, slot: int, nr: int = 1) -> bool:
        """Of the blocks at the ends, too; no unfold."""
        run = self._whole_blocks(slot, nr)
        return super().test_and_clear_young_ptes(run.start, len(run))

    def clear_flush_young_ptes(self, slot: int, nr: int = 1) -> bool:
        """The same, and the flush is sent (nobody waits for it): of the entries that were young where there is no
        block, else of the whole range."""
        run = self._whole_blocks(slot, nr)
        young = self.test_and_clear_young_ptes(slot, nr)
        if young:
            self.flush(run.start, run.stop)
        return young

    def ptep_set_access_flags(self, slot: int, entry: Pte, write: bool = True) -> bool:
        """Young or dirty alone: set in every entry of the block, which stays folded; write: unfold. Nothing to do
        only when every raw entry says what is asked for: a CPU that sets no bits itself would fault forever on one
        that does not (C8)."""
        entry = mknoncont(entry)
        old = self.tables[slot]
        if not in_block(old):
            return self._add_flags(slot, entry, write)
        block = self._block(slot)
        if all(self.tables[at].bits & _ACCESS == entry.bits & _ACCESS for at in block):
            return False
        if old.write == entry.write:
            for at in block:
                self.tables[at] = add_flags(self.tables[at], entry)
            if write and self.flush_everywhere:
                self.flush(block.start, block.stop)
            return True
        self._try_unfold(slot)
        self._add_flags(slot, entry, write)
        return True

    def _add_flags(self, slot: int, entry: Pte, write: bool) -> bool:
        old = self._same_page(slot, entry)
        if old == entry:
            return False
        self.tables[slot] = add_flags(old, entry)
        if write and self.flush_everywhere:
            self.flush(slot, slot + 1)
        return True


def add_flags(old: Pte, entry: Pte) -> Pte:
    """What __ptep_set_access_flags() of arch/arm64/mm/fault.c makes of one entry: the bits of both."""
    new = old.set(entry.bits & _ACCESS)
    return new.clear(HW_DIRTY) if new.bits & DIRTY else new


# Svnapot.

NAPOT_ORDER = 4
"""The only size so far: 64 KiB, 16 pages of 4 KiB (arch/riscv/include/asm/pgtable-64.h, NAPOT_CONT64KB_ORDER)."""


def napot_encode(pfn: int, order: int = NAPOT_ORDER) -> int:
    """The PPN field of each entry of a NAPOT block: below the block's address, its lowest set bit encodes the size
    (C13). The same for every entry of the block; the pfn must be aligned (ValueError)."""
    if pfn % (1 << order):
        raise ValueError(f"pfn {pfn:#x} is not aligned to a block of {1 << order}")
    return pfn | 1 << (order - 1)


def napot_pfn(field: int, napot: bool) -> int:
    """pte_pfn() of riscv: with the N bit set the low bits encode the size and are masked out."""
    return field & (field - 1) if napot else field
