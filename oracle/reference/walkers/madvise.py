# SPDX-License-Identifier: GPL-2.0-or-later
"""MADV_FREE, MADV_COLD and MADV_PAGEOUT: mm/madvise.c, madvise_free_pte_range(), madvise_cold_or_pageout_pte_range().

Advice about a range says nothing about the rest of a large folio: one that is not mapped whole by entries of the
range is split first, if nobody else may map it, and left alone if it cannot be.
"""

from __future__ import annotations

from collections.abc import Callable

from oracle.reference.folio import Folio
from oracle.reference.pte import ANY_DIRTY, NONE, YOUNG, Kind, Pte
from oracle.reference.table import Rss
from oracle.reference.walkers.machine import Machine, run_length
from oracle.reference.walkers.unmap import split_folio


def maps_whole(machine: Machine, slot: int, end: int, folio: Folio) -> bool:
    """The entries from slot on map all pages of the folio in order, within the range and the table
    (madvise_folio_pte_batch())."""
    return machine.mm.tables[slot].pfn == folio.pfn and run_length(machine, slot, end, folio) == folio.nr


def split_for_advice(machine: Machine, folio: Folio) -> bool:
    """Split a folio of which only a part is meant. The lock is only tried, under the page-table lock; the walker
    drops that one for the split and starts again from this entry (L4, L7)."""
    if folio.maybe_mapped_shared or folio.locked:
        return False
    folio.locked = True
    folio.get()
    done = split_folio(machine, folio, caller=2)  # ours, and who isolated or keeps the folio
    head = machine.memory.folio(folio.pfn)
    assert head is not None
    head.locked = False
    head.put()
    return done


def reclaimable(folio: Folio) -> bool:
    """What the folio's contents need before they can be lost: mapped here only, its swap space given back, clean."""
    if not folio.swapcache and not folio.dirty:
        return True
    if folio.locked or folio.mapcount != folio.nr:
        return False
    if folio.swapcache and not free_swap(folio):
        return False
    folio.dirty = False
    return True


def free_swap(folio: Folio) -> bool:
    """folio_free_swap(), mm/swapfile.c, when no entry holds one of its swap slots: not during writeback. The cache's
    references go, and what was on swap is now in memory only: dirty."""
    if folio.writeback:
        return False
    folio.swapcache, folio.dirty = False, True
    folio.put(folio.nr)
    return True


def mark_lazyfree(folio: Folio) -> None:
    """folio_mark_lazyfree(), mm/swap.c."""
    if folio.anon and folio.swapbacked and not folio.swapcache:
        folio.referenced = folio.swapbacked = False


def free_present(machine: Machine, slot: int) -> None:
    """G8: from here on a dirty bit means a write after the advice, so there may be none of before. Write stays (S8):
    the next write needs no fault, only the hardware's dirty bit."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte)
    if folio is None or not reclaimable(folio):
        return
    machine.mm.tables[slot] = pte.clear(ANY_DIRTY | YOUNG)
    mark_lazyfree(folio)


def free_nonpresent(machine: Machine, slot: int, pte: Pte) -> None:
    """What is on swap need not be read again; poison goes with the contents. Migration and device-exclusive entries
    and guards stay."""
    if pte.kind is Kind.SWAP:
        machine.swap.free(pte)
        machine.mm.count(Rss.SWAP, -1)
    elif pte.kind not in (Kind.MARKER_POISON, Kind.HWPOISON):
        return
    machine.mm.tables[slot] = NONE


def _each(machine: Machine, start: int, end: int, one: Callable[[int], None]) -> None:
    """Call one(slot) for every present entry that may be advised about: of small folios, and of large ones that the
    range maps whole, before or after a split."""
    slot = start
    while slot < end:
        pte = machine.mm.tables[slot]
        folio = machine.memory.normal(pte) if pte.present else None
        nr = 1
        if folio is not None and folio.large:
            if maps_whole(machine, slot, end, folio):
                nr = folio.nr
            elif not split_for_advice(machine, folio):
                slot += 1
                continue
        for i in range(nr):
            one(slot + i)
        slot += nr


def madvise_free(machine: Machine, start: int, end: int) -> int:
    """MADV_FREE on [start, end) of an anonymous mapping."""

    def one(slot: int) -> None:
        pte = machine.mm.tables[slot]
        if pte.present:
            free_present(machine, slot)
        elif not pte.none:
            free_nonpresent(machine, slot, pte)

    _each(machine, start, end, one)
    return 0


def madvise_cold(machine: Machine, start: int, end: int, pageout: bool = False, anon_only: bool = False) -> list[Folio]:
    """MADV_COLD, or MADV_PAGEOUT: the folios to reclaim, each once. No entry is dropped and no dirty bit touched;
    young is cleared for MADV_COLD only, since reclaim looks for itself. Folios that others map are left alone.
    anon_only: the caller may not write the file (pageout_anon_only_filter)."""
    chosen: list[Folio] = []

    def one(slot: int) -> None:
        pte = machine.mm.tables[slot]
        folio = machine.memory.normal(pte) if pte.present else None
        if folio is None or folio.isolated or folio.mapcount != folio.nr or (pageout and anon_only and not folio.anon):
            return
        if not pageout:
            machine.mm.tables[slot] = pte.clear(YOUNG)
        folio.referenced = False
        if pageout and folio not in chosen:
            chosen.append(folio)

    _each(machine, start, end, one)
    return chosen
