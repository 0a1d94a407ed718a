# SPDX-License-Identifier: GPL-2.0-or-later
"""Setting, clearing and modifying entries in batches: what include/linux/pgtable.h promises of these calls.

Ptes is the plain form, in which a batch is its entries one after another (x86-64). ContPte in contpte.py is the same
interface over folded blocks. A call that its caller may not make raises the Violation of the contract (S rules).
"""

from __future__ import annotations

from collections.abc import Callable

from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, HW_DIRTY, NONE, SOFT_DIRTY, WRITE, YOUNG, Pte, Violation
from oracle.reference.table import PageTables

Flush = Callable[[int, int], None]
"""Called with (start, end) in slots when a primitive itself flushes the TLB."""


def no_flush(start: int, end: int) -> None:
    """For tables that no CPU walks."""


class Ptes:
    """The primitives on one mm's tables. A batch lies in one table and one folio, under the lock of the table (S2).

    mkdirty_marks_soft: pte_mkdirty() also sets soft-dirty, as on x86-64. has_soft_dirty: the bit exists."""

    cont = 1
    """Entries of a block: CONT_PTES; 1 when there are none."""
    hardware_dirty = DIRTY
    """The bit by which the hardware says that it wrote."""

    def __init__(self, tables: PageTables, flush: Flush = no_flush, *, mkdirty_marks_soft: bool = False,
                 has_soft_dirty: bool = True) -> None:  # fmt: skip
        self.tables, self.flush = tables, flush
        self.mkdirty_marks_soft, self.has_soft_dirty = mkdirty_marks_soft and has_soft_dirty, has_soft_dirty

    # Accessors that differ between architectures.

    def mkdirty(self, pte: Pte) -> Pte:
        """pte_mkdirty(). On x86-64 (arch/x86/include/asm/pgtable.h) soft-dirty is set as well."""
        return pte.clear(HW_DIRTY).set(DIRTY | SOFT_DIRTY if self.mkdirty_marks_soft else DIRTY)

    def mksoft_dirty(self, pte: Pte) -> Pte:
        """pte_mksoft_dirty(), pte_swp_mksoft_dirty(): nothing where the bit does not exist."""
        return pte.set(SOFT_DIRTY) if self.has_soft_dirty else pte

    # Reading.

    def ptep_get(self, slot: int) -> Pte:
        """The entry as generic code sees it (S13)."""
        return self.tables[slot]

    def batch_hint(self, slot: int, pte: Pte) -> int:  # noqa: ARG002 - a block says more
        """pte_batch_hint(): so many entries from slot on are alike without looking (B13)."""
        return 1

    # Setting.

    def set_ptes(self, slot: int, pte: Pte, nr: int = 1) -> None:
        """Map nr consecutive pages: only the pfn advances. More than one needs a present entry (S3) over entries
        that are not present (S1); a present one may not change its page (S15)."""
        run = self.tables.run(slot, nr)
        if nr > 1 and not pte.present:
            raise Violation("S3", "a batch of entries that are not present", slot)
        if nr > 1 and any(self.tables[at].present for at in run):
            raise Violation("S1", "set over present entries", slot)
        old = self.tables[slot]
        if old.present and pte.present and old.pfn != pte.pfn:
            raise Violation("S15", "a present entry gets another page without being cleared and flushed", slot)
        self._set(slot, pte, nr)

    def _set(self, slot: int, pte: Pte, nr: int) -> None:
        for i in range(nr):
            self.tables[slot + i] = pte.advance(i) if i else pte

    # Clearing.

    def get_and_clear_full_ptes(self, slot: int, nr: int = 1) -> Pte:
        """Clear nr present entries; the first one, dirty or young if any of them was (S4). Its other bits say
        nothing of the rest (S5)."""
        self._present(slot, nr)
        return self._get_and_clear(slot, nr)

    def _get_and_clear(self, slot: int, nr: int) -> Pte:
        first = self._xchg(slot, NONE)
        for at in range(slot + 1, slot + nr):
            pte = self._xchg(at, NONE)
            if pte.bits & ANY_DIRTY:
                first = self.mkdirty(first)
            if pte.bits & YOUNG:
                first = first.set(YOUNG)
        return first

    def _xchg(self, slot: int, pte: Pte) -> Pte:
        old = self.tables[slot]
        self.tables[slot] = pte
        return old

    def clear_full_ptes(self, slot: int, nr: int = 1) -> None:
        """Clear nr present entries whose dirty and young bits no longer matter (S6)."""
        self.get_and_clear_full_ptes(slot, nr)

    def clear_not_present_full_ptes(self, slot: int, nr: int = 1) -> None:
        """Clear nr entries, none of them present (S12)."""
        for at in self.tables.run(slot, nr):
            if self.tables[at].present:
                raise Violation("S12", "a present entry is dropped", at)
            self.tables[at] = NONE

    # Changing bits.

    def wrprotect_ptes(self, slot: int, nr: int = 1) -> None:
        """Take write from nr present entries and touch no other bit (S7)."""
        self._present(slot, nr)
        for at in range(slot, slot + nr):
            self.tables[at] = self.tables[at].wrprotect()

    def clear_young_dirty_ptes(self, slot: int, nr: int, *, young: bool = False, dirty: bool = False) -> None:
        """Clear the bits asked for on nr present entries (S8): CYDP_CLEAR_YOUNG, CYDP_CLEAR_DIRTY."""
        self._present(slot, nr)
        bits = (YOUNG if young else 0) | (ANY_DIRTY if dirty else 0)
        for at in range(slot, slot + nr):
            self.tables[at] = self.tables[at].clear(bits)

    def test_and_clear_young_ptes(self, slot: int, nr: int = 1) -> bool:
        """Clear young on nr present entries; whether any was (S9). Waits for no flush (T10)."""
        self._present(slot, nr)
        young = False
        for at in range(slot, slot + nr):
            young |= self.tables[at].young
            self.tables[at] = self.tables[at].clear(YOUNG)
        return young

    def clear_flush_young_ptes(self, slot: int, nr: int = 1) -> bool:
        """The same; x86-64 does not even flush (arch/x86/mm/pgtable.c ptep_clear_flush_young)."""
        return self.test_and_clear_young_ptes(slot, nr)

    def ptep_set_access_flags(self, slot: int, entry: Pte, write: bool = True) -> bool:
        """Make a present entry allow what entry does, after a fault: the same page, with write, dirty or young
        added, nothing taken away. write: the fault was a write. False when there is nothing to add. x86-64 leaves
        the rest to the hardware when it was not (arch/x86/mm/pgtable.c)."""
        old = self._same_page(slot, entry)
        if old == entry:
            return False
        if write:
            self.tables[slot] = entry
        return True

    def _same_page(self, slot: int, entry: Pte) -> Pte:
        old = self.tables[slot]
        if not old.present or old.pfn != entry.pfn:
            raise Violation("S15", "access flags are set on an entry that maps another page", slot)
        return old

    # Protection changes.

    def modify_prot_start_ptes(self, slot: int, nr: int = 1) -> Pte:
        """Take nr entries out so that the hardware cannot change them; as get_and_clear_full_ptes()."""
        return self.get_and_clear_full_ptes(slot, nr)

    def modify_prot_commit_ptes(self, slot: int, pte: Pte, nr: int = 1) -> None:
        """Put them back with a new protection: pte, with the pfn advancing (S10, S11)."""
        self.set_ptes(slot, pte, nr)

    def _present(self, slot: int, nr: int) -> None:
        for at in self.tables.run(slot, nr):
            if not self.tables[at].present:
                raise Violation("S2", "a batch of present entries has one that is not", at)


def hardware_access(tables: PageTables, slot: int, write: bool = False, dirty: int = DIRTY) -> bool:
    """The MMU's own update of one entry, with no lock: young, and dirty (the bit given) where the access writes.
    False when it faults instead. In a folded block any entry may be the one that is updated (Intel SDM vol. 3 4.8,
    Arm ARM D8.5)."""
    pte = tables.entries[slot]
    if not pte.usable or (write and not pte.bits & WRITE):
        return False
    bits = YOUNG | (dirty if write and not pte.bits & ANY_DIRTY else 0)
    if pte.bits & bits != bits:
        tables.entries[slot] = pte.set(bits)
    return True


def mknoncont(pte: Pte) -> Pte:
    """pte_mknoncont()."""
    return pte.clear(CONT) if pte.bits & CONT else pte
