# SPDX-License-Identifier: GPL-2.0-or-later
"""Folding shows in nothing but accessed and dirty bits, whatever the size of a block."""

from __future__ import annotations

import random

import pytest

from oracle.reference.contpte import CONT_PTES, ContPte, napot_encode, napot_pfn
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes
from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, WRITE, YOUNG, present
from oracle.reference.table import PageTables

PFN = 1 << 10
AD = ANY_DIRTY | YOUNG


def blocks_are_whole(tables: PageTables, cont: int) -> bool:
    """The contiguous bit is on whole blocks of like entries only."""
    for first in range(0, tables.slots, cont):
        block = tables.entries[first : first + cont]
        marked = sum(bool(pte.bits & CONT) for pte in block)
        alike = all(pte.clear(AD) == block[0].advance(i).clear(AD) for i, pte in enumerate(block))
        if marked and not (marked == cont and alike and block[0].pfn % cont == 0):
            return False
    return True


@pytest.mark.parametrize("page_kib", CONT_PTES)
def test_the_same_as_without_blocks(page_kib: int) -> None:
    cont = CONT_PTES[page_kib]
    slots, folds = 4 * cont, 0
    for seed in range(20):
        rng = random.Random(seed)
        memory = Memory([Folio(FolioKind.ANON, PFN, 9)])
        plain = Ptes(PageTables(tables=1, slots=slots))
        folded = ContPte(PageTables(tables=1, slots=slots), memory, cont)
        for _ in range(12):
            slot = rng.choice((0, cont, rng.randrange(slots)))
            nr = rng.choice((1, cont, rng.randint(1, slots - slot)))
            nr = min(nr, slots - slot)
            if all(plain.tables[at].none for at in range(slot, slot + nr)):
                pte = present(PFN + slot, rng.choice((0, WRITE, WRITE | DIRTY, YOUNG)))
                for ptes in (plain, folded):
                    ptes.set_ptes(slot, pte, nr)
            elif all(plain.tables[at].present for at in range(slot, slot + nr)):
                what = rng.randrange(3)
                for ptes in (plain, folded):
                    if what == 0:
                        ptes.wrprotect_ptes(slot, nr)
                    elif what == 1:
                        ptes.clear_young_dirty_ptes(slot, nr, young=True)
                    else:
                        ptes.get_and_clear_full_ptes(slot, nr)
            for at in range(slots):
                one, other = plain.ptep_get(at), folded.ptep_get(at)
                assert one.clear(AD) == other.clear(AD | CONT)
                assert not one.bits & ANY_DIRTY or other.bits & ANY_DIRTY, "a dirty bit is lost"
            assert blocks_are_whole(folded.tables, cont)
        folds += folded.counts.unfolds
    assert folds > 3


def test_setting_the_last_entry_folds() -> None:
    for cont in CONT_PTES.values():
        ptes = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 9)]), cont)
        for at in range(cont):
            assert ptes.counts.folds == 0
            ptes.set_ptes(at, present(PFN + at, WRITE | (DIRTY if at == 3 else 0)))
        assert ptes.counts.folds == 1
        assert {pte.bits for pte in ptes.tables.entries[:cont]} == {WRITE | DIRTY | CONT}


def test_napot_pfns() -> None:
    assert {napot_pfn(napot_encode(pfn), True) for pfn in (0, 16, 4096)} == {0, 16, 4096}
    assert napot_pfn(24, False) == 24
    with pytest.raises(ValueError, match="not aligned"):
        napot_encode(8)
