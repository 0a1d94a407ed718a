# SPDX-License-Identifier: GPL-2.0-or-later
"""Reclaim's unmap: try_to_unmap_one(), mm/rmap.c. Every entry of a VMA that maps a folio gives it up, or none has to.

A file's page comes back from the page cache, an anonymous one from its swap slot, one lazily freed as zeros. Where
that cannot be done the entry is put back with its own bits (G8), and the walk ends: the folio stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.reference.folio import Folio
from oracle.reference.pte import NONE, Kind, Pte
from oracle.reference.table import Rss, rss_of
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.zap import marker_after


@dataclass(frozen=True)
class Unmap:
    """ignore_mlock: TTU_IGNORE_MLOCK. poison: TTU_HWPOISON, and the page is poisoned. no_room: whether a swap slot
    cannot be counted once more (folio_dup_swap() fails). type: number of the swap device."""

    ignore_mlock: bool = False
    poison: bool = False
    no_room: Callable[[int], bool] = lambda _offset: False
    type: int = 0


def maps(machine: Machine, pte: Pte, folio: Folio) -> bool:
    """page_vma_mapped_walk(), mm/page_vma_mapped.c: the entry maps a page of the folio. Device-exclusive entries
    do, migration entries no longer do."""
    if pte.kind is Kind.DEVICE_EXCLUSIVE:
        return machine.memory.folio(pte.pfn) is folio
    return pte.present and machine.memory.normal(pte) is folio


def unmap_lazyfree(machine: Machine, folio: Folio) -> bool:
    """G8: the contents may be lost if nobody wrote since MADV_FREE. Dirty is asked first, and after the entry is
    cleared: a write through it would show there; then whether somebody else has the page and may yet write. What is
    droppable may be lost at any time, and never gets swap space."""
    extra, droppable = folio.refs != 1 + folio.mapcount, machine.vma.droppable
    if (folio.dirty and not droppable) or (extra and machine.kernel.lazyfree_extra_ref_is_dirty):
        folio.swapbacked |= not droppable
        return False
    if extra:
        return False
    machine.mm.count(Rss.ANON, -1)
    return True


def unmap_to_swap(machine: Machine, folio: Folio, pte: Pte, slot: int, how: Unmap) -> bool:
    """The entry names the page's swap slot from now on. E5: AnonExclusive moves to the entry, but a pinned page keeps
    it, and its mapping."""
    page = folio.index(pte.pfn)
    offset, exclusive = folio.swap_offset + page, folio.exclusive[page]
    if how.no_room(offset) or (exclusive and not folio.try_share_anon_rmap(page)):
        return False
    entry = machine.kernel.swap_entry(how.type, offset, pte, exclusive)
    machine.swap.duplicate(entry)
    machine.mm.count(Rss.ANON, -1)
    machine.mm.count(Rss.SWAP, 1)
    machine.mm.tables[slot] = entry
    return True


def unmap_one(machine: Machine, folio: Folio, slot: int, how: Unmap) -> bool:
    """One entry that maps the folio. False when it has to stay: it is put back as it was."""
    tables = machine.mm.tables
    pte = tables[slot]
    tables[slot] = NONE
    # Flushed here, or with TTU_BATCH_FLUSH before the folio is written or freed (T1).
    folio.dirty |= pte.present and pte.dirty
    tables[slot] = marker_after(pte, machine.vma, drop=False)
    if how.poison:
        machine.mm.count(rss_of(folio), -1)
        tables[slot] = Pte(Kind.HWPOISON, pte.pfn)
    elif not folio.anon:
        machine.mm.count(rss_of(folio), -1)
    elif not (unmap_to_swap(machine, folio, pte, slot, how) if folio.swapbacked else unmap_lazyfree(machine, folio)):
        tables[slot] = pte
        return False
    folio.remove_rmap(folio.index(pte.pfn))
    folio.put()
    return True


def unmap(machine: Machine, folio: Folio, first: int, how: Unmap) -> bool:
    """Unmap the locked folio from the VMA, where its first page would be at slot `first`. Whether all of it went."""
    vma, tables = machine.vma, machine.mm.tables
    for slot in range(max(first, vma.start), min(first + folio.nr, vma.end)):
        if not maps(machine, tables[slot], folio):
            continue
        if vma.locked and not how.ignore_mlock:
            return False  # it stays; a folio that is mapped whole is mlocked here if it was not yet
        if not unmap_one(machine, folio, slot, how):
            return False
    return True


def split_folio(machine: Machine, folio: Folio, caller: int = 1) -> bool:
    """split_folio(), mm/huge_memory.c: as Memory.split(). What maps a file's folio here gives it up, and finds its
    pages in the page cache (unmap_folio()); memory stays mapped."""
    if not machine.memory.splits(folio, caller):
        return False
    if not folio.anon:
        for slot, pte in enumerate(machine.mm.tables.entries):
            if pte.present and machine.memory.normal(pte) is folio:
                unmap_one(machine, folio, slot, Unmap())
    return machine.memory.split(folio, caller)
