# SPDX-License-Identifier: GPL-2.0-or-later
"""B: what becomes of a batch that was found: progress, pages, hints."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.batch import (
    Compare,
    folio_pte_batch,
    scan,
)
from oracle.reference.contpte import ContPte
from oracle.reference.examples import PFN, mapped
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes, hardware_access
from oracle.reference.pte import DIRTY, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables

_UTIL = "mm/internal.h folio_pte_batch_flags (folio_pte_batch up to 6.16)"


@rule("B10", source="include/linux/pgtable.h get_and_clear_full_ptes, modify_prot_start_ptes")
def hardware_bits_counted(seen: Sequence[Pte], accounted_dirty: bool) -> str | None:
    """Accessed and dirty bits set by the hardware after the scan are still accounted for.

    While an entry is mapped its bits are not final; what counts is what the clearing call returns. Violation: the bits
    of the scan are used, and a write that came between scan and clear is lost.

    seen: the entries at the moment they were cleared; accounted_dirty: whether they were taken to be dirty.
    """
    dirty = [i for i, pte in enumerate(seen) if pte.dirty]
    return f"entry {dirty[0]} became dirty after the scan, unseen" if dirty and not accounted_dirty else None


@hardware_bits_counted.example
def _() -> Example:
    ptes, folio = mapped(WRITE, WRITE)
    scanned = ptes.ptep_get(0)
    nr = folio_pte_batch(ptes, folio, 0, scanned, 2)
    hardware_access(ptes.tables, 1, write=True)
    seen = ptes.tables.entries[:nr]
    return Example(right=(seen, ptes.get_and_clear_full_ptes(0, nr).dirty), wrong=(seen, scanned.dirty))


@rule("B11", source="mm/memory.c zap_pte_range; mm/mprotect.c change_pte_range")
def advances_by_batch(steps: Sequence[tuple[int, int]], start: int, end: int) -> str | None:
    """Entry pointer, address and page all advance by the batch, on skip paths too.

    steps: (slot, entries handled) of each round of the loop over [start, end). Violation: a `continue` that advances by
    one (entries handled twice) or not at all (no end), or an address that runs ahead of the pointer.
    """
    at = start
    for slot, nr in steps:
        if slot != at or nr < 1:
            return f"a round starts at slot {slot} with {nr} entries, the last one ended at {at}"
        at += nr
    return None if at == end else f"the loop ends at slot {at} of {end}"


@advances_by_batch.example
def _() -> Example:
    return Example(right=([(0, 1), (1, 6), (7, 1)], 0, 8), wrong=([(0, 1), (1, 6), (2, 1)], 0, 8))


@rule("B12", source="mm/mprotect.c commit_anon_folio_batch, page_anon_exclusive_sub_batch")
def pages_of_batch(folio: Folio, pte: Pte, nr: int, used: Sequence[int]) -> str | None:
    """Per-page data is taken from the page an entry maps, not from the first page of the folio.

    A batch may start in the middle of a folio: its pages are pte_page(pte) and the nr - 1 after. used: page numbers
    within the folio that were looked at. Violation: AnonExclusive or _mapcount of the folio's first pages decides.
    """
    first = folio.index(pte.pfn)
    wrong = [i for i in used if not first <= i < first + nr]
    return f"page {wrong[0]} is used, the batch is pages {first}..{first + nr - 1}" if wrong else None


@pages_of_batch.example
def _() -> Example:
    folio = Folio(FolioKind.ANON, PFN, 4)
    return Example(right=(folio, present(PFN + 5), 2, [5, 6]), wrong=(folio, present(PFN + 5), 2, [0, 1]))


@rule("B13", source="arch/arm64/include/asm/pgtable.h pte_batch_hint")
def hint_agrees(ptes: Ptes, slot: int, hint: int) -> str | None:
    """The batch hint agrees with a scan of the entries one by one.

    Inside of a folded block it is the rest of the block, 1 everywhere else. It may skip over young bits, which nobody
    compares; dirty bits must not matter to who uses it, or be read through ptep_get(), which gives the block's.
    Violation: entries are skipped that a scan would have seen to differ.
    """
    first = ptes.ptep_get(slot)
    for i in range(hint):
        if ptes.ptep_get(slot + i) != first.advance(i):
            return f"the hint is {hint}, slot {slot + i} is {ptes.ptep_get(slot + i)} after {first}"
    return None


@hint_agrees.example
def _() -> Example:
    ptes = ContPte(PageTables(), Memory([Folio(FolioKind.ANON, PFN, 5)]))
    ptes.set_ptes(0, present(PFN, YOUNG), 16)
    ptes.set_ptes(16, present(PFN + 16, WRITE | DIRTY), 16)
    return Example(right=(ptes, 5, ptes.batch_hint(5, ptes.ptep_get(5))), wrong=(ptes, 5, 16))


@rule("B14", source="mm/memory.c copy_present_ptes, zap_present_ptes")
def one_as_many(one: Sequence[Pte], batched: Sequence[Pte]) -> str | None:
    """A batch of one does the same as the batched path on one page.

    one: entries after the path for small folios; batched: after the path for large ones, with nr 1. Violation: what is
    decided depends on the order of the folio and not on what is mapped.
    """
    different = [i for i, (a, b) in enumerate(zip(one, batched, strict=True)) if a != b]
    return f"entry {different[0]} differs" if different else None


@one_as_many.example
def _() -> Example:
    ptes, folio = mapped(WRITE | DIRTY, order=1)
    nr = scan(ptes, folio, 0, ptes.tables[0], 1, Compare.from_6_17(0)).nr
    ptes.wrprotect_ptes(0, nr)
    return Example(
        right=([present(PFN, DIRTY)], ptes.tables.entries[:1]), wrong=([present(PFN, DIRTY)], [present(PFN)])
    )
