# SPDX-License-Identifier: GPL-2.0-or-later
"""C: access flags, conversion and reading of blocks, Svnapot; the rest of the C rules is in contpte.py."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.contpte import Counts, napot_encode, napot_pfn
from oracle.reference.examples import PFN, folded
from oracle.reference.primitives import hardware_access
from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, HW_DIRTY, NONE, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.tlb import Tlb

_C = "arch/arm64/mm/contpte.c"


@rule("C8", source=f"{_C} contpte_ptep_set_access_flags, contpte_all_subptes_match_access_flags")
def every_entry_has_flags(block: Sequence[Pte], entry: Pte) -> str | None:
    """Setting access flags compares every raw entry of a block before it decides to do nothing.

    Accessed and dirty go to all entries of the block, which stays folded; write unfolds it. block: what stands after
    the call. Violation: the OR over the block was compared; an entry lacks the bit, and a CPU or an SMMU without
    hardware update of it faults on that one forever.
    """
    for i, pte in enumerate(block):
        if (entry.bits & YOUNG and not pte.bits & YOUNG) or (entry.bits & ANY_DIRTY and not pte.bits & ANY_DIRTY):
            return f"entry {i} is {pte} still, {entry} was asked for"
    return None


@every_entry_has_flags.example
def _() -> Example:
    ptes = folded(WRITE)
    hardware_access(ptes.tables, 3, write=True, dirty=HW_DIRTY)
    before, entry = ptes.tables.entries[:16], ptes.ptep_get(9)
    ptes.ptep_set_access_flags(9, entry)
    return Example(right=(ptes.tables.entries[:16], entry), wrong=(before, entry))


@rule("C9", source=f"{_C} contpte_convert; Arm ARM D8.16 (break-before-make), FEAT_BBM")
def break_before_make(tlb: Tlb, slot: int, new: Pte) -> str | None:
    """Folding and unfolding follow break-before-make and end with a flush.

    Clear the whole block, flush it, set it anew. A CPU with BBML2 that raises no conflict abort may go without the
    flush in the middle, not without the one at the end. Violation: the bit changes while a CPU holds the entry as it
    was: two TLB entries for one address.
    """
    live = [held for cpu in tlb.held if (held := cpu.get(slot)) is not None and (held.bits ^ new.bits) & CONT]
    return f"{live[0]} is held while {new} is set" if live and not tlb.bbml2 else None


@break_before_make.example
def _() -> Example:
    made = []
    for flush in (True, False):
        ptes = folded(YOUNG)
        tlb = Tlb(ptes.tables, cont=16)
        tlb.access(0, 2)
        for at in range(16):
            ptes.tables[at] = NONE
        if flush:
            tlb.flush(0, 16)
        made.append((tlb, 2, present(PFN + 2, YOUNG)))
    return Example(right=made[0], wrong=made[1])


@rule("C10", source=f"{_C} contpte_ptep_get_lockless, contpte_is_consistent")
def read_belongs_together(got: Pte, states: Sequence[Pte]) -> str | None:
    """A lockless read of a block returns bits and a pfn that belong together.

    Without the lock the block may change between two of its entries: the getter starts over until all of them fit.
    states: what ptep_get() would have said before and after each change. Violation: the accessed bit of one mapping
    with the page of another.
    """
    return None if got in states else f"{got} is neither of {', '.join(map(str, states))}"


@read_belongs_together.example
def _() -> Example:
    old, new = present(PFN, DIRTY | YOUNG | CONT), present(PFN + 16, CONT)
    return Example(right=(new, [old, new]), wrong=(new.set(DIRTY), [old, new]))


@rule("C11", source=f"{_C} contpte_set_ptes, contpte_wrprotect_ptes; mm/memory.c copy_present_ptes")
def folds_kept(counts: Counts, whole_blocks: int) -> str | None:
    """Batched calls keep whole blocks folded instead of unfolding and folding them again.

    counts: what an operation over whole_blocks folded blocks did. Cost, not correctness: one by one, each block is
    unfolded at its first entry and folded at its last, with a flush each time. Violation: that.
    """
    spent = counts.folds + counts.unfolds
    return f"{spent} folds and unfolds for {whole_blocks} whole blocks" if spent and whole_blocks else None


@folds_kept.example
def _() -> Example:
    batched, single = folded(nr=32), folded(nr=32)
    batched.wrprotect_ptes(0, 32)
    for at in range(32):
        single.wrprotect_ptes(at)
    return Example(right=(batched.counts, 2), wrong=(single.counts, 2))


@rule("C12", source="arch/arm64/mm/hugetlbpage.c; arch/arm64/include/asm/pgtable.h __set_ptes")
def raw_helpers(manages_cont: bool, public_calls: Sequence[str]) -> str | None:
    """Users that manage contiguous entries themselves use the raw helpers.

    hugetlb and the kernel's own mappings set the bit on purpose and call __set_ptes(), __ptep_get_and_clear() and the
    like; the public ones would unfold it. public_calls: those that such a user made. Violation: any.
    """
    return f"{public_calls[0]}() is called on them" if manages_cont and public_calls else None


@raw_helpers.example
def _() -> Example:
    return Example(right=(True, []), wrong=(True, ["set_ptes"]))


@rule("C13", source="arch/riscv/include/asm/pgtable.h pte_pfn, pte_mknapot; arch/riscv/mm/hugetlbpage.c")
def napot_masked(field: int, napot: bool, pfn: int) -> str | None:
    """A NAPOT entry's pfn is masked, and its entries are equal but for accessed and dirty.

    With the N bit the low bits of the PPN encode the size (one size so far: 16 pages of 4 KiB), so all entries of the
    block read the same, and pte_pfn() clears the lowest set bit. In mainline it is hugetlb's alone so far. pfn: what
    was taken to be mapped. Violation: the raw field is used.
    """
    right = napot_pfn(field, napot)
    return None if pfn == right else f"pfn {pfn:#x} is taken from {field:#x}, which means {right:#x}"


@napot_masked.example
def _() -> Example:
    field = napot_encode(PFN)
    return Example(right=(field, True, PFN), wrong=(field, True, field))
