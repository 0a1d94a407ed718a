# SPDX-License-Identifier: GPL-2.0-or-later
"""Batch detection: how many entries from one on map consecutive pages of a large folio and may be handled as one.

Two eras. Up to 6.16 folio_pte_batch() compares dirty and soft-dirty unless told to IGNORE them; from 6.17 on it
ignores both, and write, unless told to RESPECT them: the default is the other way round. Young is never compared;
uffd-wp, protnone, special, exec and the contiguous bit always are. The flags have the numbers of mm/internal.h.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from oracle.reference.folio import Folio
from oracle.reference.primitives import Ptes
from oracle.reference.pte import ANY_DIRTY, SOFT_DIRTY, WRITE, YOUNG, Kind, Pte, Violation
from oracle.reference.table import Vma

IGNORE_DIRTY, IGNORE_SOFT_DIRTY = 1, 2
"""FPB_* up to 6.16."""
RESPECT_DIRTY, RESPECT_SOFT_DIRTY, RESPECT_WRITE, MERGE_WRITE, MERGE_YOUNG_DIRTY = 1, 2, 4, 8, 16
"""FPB_* from 6.17 on."""


@dataclass(frozen=True)
class Compare:
    """Which of the bits that may be ignored count (the others always do)."""

    write: bool
    dirty: bool
    soft_dirty: bool

    @staticmethod
    def until_6_16(flags: int) -> Compare:
        """What FPB_IGNORE_* flags leave to compare."""
        return Compare(False, not flags & IGNORE_DIRTY, not flags & IGNORE_SOFT_DIRTY)

    @staticmethod
    def from_6_17(flags: int) -> Compare:
        """What FPB_RESPECT_* flags add."""
        return Compare(bool(flags & RESPECT_WRITE), bool(flags & RESPECT_DIRTY), bool(flags & RESPECT_SOFT_DIRTY))

    def masked(self, pte: Pte) -> Pte:
        """__pte_batch_clear_ignored(): the entry without what does not count. Without write the hardware's dirty
        bit becomes software's, as pte_wrprotect() has it."""
        drop = YOUNG | (0 if self.dirty else ANY_DIRTY) | (0 if self.soft_dirty else SOFT_DIRTY)
        pte = pte.clear(drop)
        if not self.write:
            pte = pte.wrprotect()
        return pte


class Batch(NamedTuple):
    """What a scan found. any_*: of the entries looked at after the first one, or its block."""

    nr: int
    any_write: bool
    any_young: bool
    any_dirty: bool


def scan(ptes: Ptes, folio: Folio, slot: int, pte: Pte, max_nr: int, compare: Compare) -> Batch:
    """The batch that starts with pte, the copy read at slot: at most max_nr entries (B1) and the rest of the folio
    (B2), each of them present, the next page, and equal to the first in what is compared (B4). The table is only
    read (B9). Violates B3 when pte is not a present entry of that large folio."""
    if max_nr < 1:
        raise Violation("B1", "a batch of no entries is asked for", slot)
    if not pte.present or not folio.large or not 0 <= pte.pfn - folio.pfn < folio.nr:
        raise Violation("B3", "a batch starts with a present entry inside of a large folio", slot)
    max_nr = min(max_nr, folio.pfn + folio.nr - pte.pfn)
    nr = ptes.batch_hint(slot, pte)
    wanted = compare.masked(pte)
    write = young = dirty = False
    while nr < max_nr:
        one = ptes.ptep_get(slot + nr)
        if compare.masked(one) != wanted.advance(nr):
            break
        write |= one.write
        young |= one.young
        dirty |= one.dirty
        nr += ptes.batch_hint(slot + nr, one)
    return Batch(min(nr, max_nr), write, young, dirty)


def folio_pte_batch_flags(
    ptes: Ptes, folio: Folio, slot: int, pte: Pte, max_nr: int, flags: int = 0, vma: Vma | None = None
) -> tuple[int, Pte]:
    """folio_pte_batch_flags() from 6.17 on: the length, and the copy with the bits merged that MERGE_* asks for.
    Violates B8 when write is to be merged and no VMA is given that says whether, and how, to make one writable."""
    found = scan(ptes, folio, slot, pte, max_nr, Compare.from_6_17(flags))
    if flags & MERGE_WRITE and found.any_write:
        if vma is None:
            raise Violation("B8", "write bits are merged without a VMA", slot)
        pte = pte.set(WRITE)
    if flags & MERGE_YOUNG_DIRTY and found.any_young:
        pte = pte.set(YOUNG)
    if flags & MERGE_YOUNG_DIRTY and found.any_dirty:
        pte = ptes.mkdirty(pte)
    return found.nr, pte


def folio_pte_batch(ptes: Ptes, folio: Folio, slot: int, pte: Pte, max_nr: int) -> int:
    """folio_pte_batch() from 6.17 on: no flags, so nothing that may be ignored is compared."""
    return folio_pte_batch_flags(ptes, folio, slot, pte, max_nr)[0]


def _same(entry: Pte) -> int:  # noqa: ARG001 - all entries are of one group
    return 0


def swap_pte_batch(ptes: Ptes, slot: int, pte: Pte, max_nr: int, cgroup: Callable[[Pte], int] = _same) -> int:
    """swap_pte_batch(): entries of one swap device with rising offsets and equal soft-dirty, exclusive and uffd-wp
    (F1). cgroup: in 6.12 a batch also ends where lookup_swap_cgroup_id() changes. Violates F2 when pte is not a
    swap entry: migration entries, markers and the like are no batch."""
    if max_nr < 1:
        raise Violation("B1", "a batch of no entries is asked for", slot)
    if pte.kind is not Kind.SWAP:
        raise Violation("F2", f"{pte} is not a swap entry", slot)
    nr, group = 1, cgroup(pte)
    while nr < max_nr:
        one = ptes.ptep_get(slot + nr)
        if one != pte.advance(nr) or cgroup(one) != group:
            break
        nr += 1
    return nr
