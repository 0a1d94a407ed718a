# SPDX-License-Identifier: GPL-2.0-or-later
"""G: references, map counts and rss. What an entry holds is counted once, and given back once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import DIRTY, SOFT_DIRTY, SPECIAL, WRITE, YOUNG, Pte, Violation, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import Mm, PageTables, Rss, Vma, rss_of
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.mlock import mlock_range
from oracle.reference.walkers.unmap import Unmap, unmap
from oracle.reference.walkers.zap import Zap, zap


def mapped(kind: FolioKind = FolioKind.ANON, nr: int = 4, bits: Sequence[int] = ()) -> Machine:
    """A machine whose first nr slots map the pages of a folio of four at pfn 64, with one reference beside."""
    folio = Folio(kind, 64, order=2, refs=1)
    for i in range(nr):
        folio.add_rmap(i)
        folio.get()
    ptes = [present(64 + i, bits[i] if bits else YOUNG) for i in range(nr)]
    machine = Machine(Mm(PageTables(ptes)), Vma(0, 8), memory=Memory([folio]))
    machine.mm.count(rss_of(folio), nr)
    return machine


@rule("G1", source="include/linux/rmap.h __folio_rmap_sanity_checks; mm/rmap.c folio_remove_rmap_ptes")
def rmap_in_folio(folio: Folio, first: int, nr: int) -> str | None:
    """Mappings are added to and removed from the pages of the batch, under the lock.

    The page handed over is the batch's first, not the folio's, and the range ends within the folio. Violation: the
    counts of other pages change, or of what lies behind the folio.
    """
    try:
        folio.add_rmap(first, nr)
    except Violation as broken:
        return broken.what
    folio.remove_rmap(first, nr)
    return None


@rmap_in_folio.example
def _() -> Example:
    folio = Folio(FolioKind.FILE, 64, order=2, refs=1)
    return Example(right=(folio, 1, 3), wrong=(folio, 2, 3))


@rule("G2", source="mm/rmap.c __folio_add_rmap, __folio_remove_rmap; include/linux/rmap.h")
def counts_agree(folio: Folio, entries: Sequence[Pte]) -> str | None:
    """Page and folio map counts agree.

    entries: all that map the folio. Each page counts its mappings, _large_mapcount all of them, _nr_pages_mapped the
    pages that have any. Violation: a folio that looks mapped for ever, or is freed while it is.
    """
    for i in range(folio.nr):
        maps = sum(pte.present and pte.pfn == folio.pfn + i for pte in entries)
        if folio.mapcounts[i] != maps:
            return f"page {i} counts {folio.mapcounts[i]} mappings of {maps}"
    total = sum(folio.mapcounts)
    return None if folio.large_mapcount == total else f"the folio counts {folio.large_mapcount} mappings of {total}"


@counts_agree.example
def _() -> Example:
    machine = mapped()
    before = machine.mm.tables.entries[:4]
    zap(machine, 1, 3, Zap())
    folio = machine.memory.folios[0]
    return Example(right=(folio, machine.mm.tables.entries[:4]), wrong=(folio, before))


@rule("G3", source="mm/memory.c zap_present_folio_ptes; mm/rmap.c try_to_unmap_one; include/linux/mm.h folio_put_refs")
def refs_follow(folio: Folio, others: int) -> str | None:
    """Folio references follow its mappings.

    Each mapping holds one; others: held beside them. The reference comes before the mapping and goes after it, nr at a
    time for a batch. Violation: folio_put() for nr pages leaks nr-1, or a page is freed while it is mapped.
    """
    wanted = folio.mapcount + others
    return None if folio.refs == wanted else f"{folio.refs} references, {folio.mapcount} mappings and {others} others"


@refs_follow.example
def _() -> Example:
    right, wrong = mapped(), mapped()
    zap(right, 0, 3, Zap())
    wrong.memory.folios[0].remove_rmap(0, 3)
    wrong.memory.folios[0].put()
    return Example(right=(right.memory.folios[0], 1), wrong=(wrong.memory.folios[0], 1))


@rule("G4", source="include/linux/mm.h mm_counter, add_mm_counter; mm/memory.c zap_pte_range")
def rss_once(was: Mapping[Rss, int], now: Mapping[Rss, int], gone: Sequence[Folio]) -> str | None:
    """Rss of the right type changes once for each page.

    gone: the folio of each entry that was unmapped. Anonymous, file and shmem pages have counters of their own, swap
    entries another. Violation: "Bad rss-counter state" when the mm goes.
    """
    for which in Rss:
        wanted = was.get(which, 0) - sum(rss_of(folio) is which for folio in gone)
        if now.get(which, 0) != wanted:
            return f"{which.name.lower()} is {now.get(which, 0)}, not {wanted}"
    return None


@rss_once.example
def _() -> Example:
    machine = mapped(FolioKind.SHMEM)
    was, gone = dict(machine.mm.rss), [machine.memory.folios[0]] * 3
    zap(machine, 0, 3, Zap())
    return Example(right=(was, machine.mm.rss, gone), wrong=(was, {Rss.SHMEM: 4, Rss.FILE: -3}, gone))


@rule("G5", source="mm/rmap.c __folio_remove_rmap; mm/huge_memory.c deferred_split_folio")
def partly_mapped_queued(folio: Folio) -> str | None:
    """A partly unmapped large anonymous folio is queued for splitting.

    Only then can its unused pages be freed. Violation: memory that is held until the last page goes.
    """
    part = folio.large and folio.anon and 0 < folio.mapcount < folio.nr
    return (
        f"{folio.mapcount} of {folio.nr} pages are mapped and it is not queued"
        if part and not folio.partially_mapped
        else None
    )


@partly_mapped_queued.example
def _() -> Example:
    machine, wrong = mapped(), mapped()
    zap(machine, 0, 1, Zap())
    wrong.memory.folios[0].mapcounts[0] = 0
    return Example(right=(machine.memory.folios[0],), wrong=(wrong.memory.folios[0],))


@rule("G6", source="mm/memory.c copy_present_ptes; mm/rmap.c ttu_anon_swapbacked_folio, try_to_unmap_one")
def undone(before: Sequence[int], after: Sequence[int]) -> str | None:
    """A failure part-way undoes exactly what was done.

    before, after: the counters that the failed step changed (references, mappings, rss, swap users). Violation: nr were
    taken and one is given back.
    """
    return (
        None if list(before) == list(after) else f"counters were {list(before)} and are {list(after)} after a failure"
    )


def refused(give_back: int) -> tuple[list[int], list[int]]:
    """Fork of a batch of four that a pin refuses: the references before and after."""
    folio = Folio(FolioKind.ANON, 64, order=2, refs=6, pins=1, exclusive=[True] * 4, mapcounts=[1] * 4)
    before = [folio.refs, *folio.mapcounts]
    folio.get(4)
    if not folio.try_dup_anon_rmap(0, 4):
        folio.put(give_back)
    return before, [folio.refs, *folio.mapcounts]


@undone.example
def _() -> Example:
    return Example(right=refused(give_back=4), wrong=refused(give_back=1))


@rule("G7", source="mm/memory.c vm_normal_page, zap_present_ptes")
def special_uncounted(pte: Pte, changes: int) -> str | None:
    """Special entries, which have no page behind them, leave the counters alone.

    changes: of references, mappings and rss. The zero page and PFN maps are not counted, and never part of a batch.
    Violation: counters of a page that does not exist, or of the zero page.
    """
    return f"{changes} counters change for {pte}" if pte.special and changes else None


@special_uncounted.example
def _() -> Example:
    pte, machine = present(0x30000, SPECIAL), mapped()
    machine.mm.tables[4] = pte
    was = sum(machine.mm.rss.values())
    zap(machine, 4, 5, Zap())
    return Example(right=(pte, was - sum(machine.mm.rss.values())), wrong=(pte, 1))


@rule("G8", source="mm/rmap.c try_to_unmap_one, ttu_anon_lazyfree_folio")
def lazyfree_restored(was: Sequence[Pte], now: Sequence[Pte]) -> str | None:
    """Lazy freeing looks at dirty first, and puts every entry back as it was when it gives up.

    was: the entries that the walk found; now: those put back. Dirty and young may have been merged. Violation: the bits
    of the first one stand in all of them, so read-only entries come back writable.
    """
    for old, new in zip(was, now, strict=True):
        if new.present and (new.bits ^ old.bits) & (WRITE | SOFT_DIRTY):
            return f"{old} comes back as {new}"
    return None


@lazyfree_restored.example
def _() -> Example:
    machine = mapped(bits=(WRITE, YOUNG, WRITE | DIRTY, YOUNG))
    was, folio = machine.mm.tables.entries[:4], machine.memory.folios[0]
    folio.swapbacked, folio.locked, folio.dirty = False, True, True
    unmap(machine, folio, 0, Unmap())
    wrong = [pte.set(WRITE) for pte in was]
    return Example(right=(was, machine.mm.tables.entries[:4]), wrong=(was, wrong))


@rule("G9", source="mm/mlock.c mlock_pte_range, allow_mlock_munlock; mm/rmap.c try_to_unmap_one")
def mlock_whole(folio: Folio, mapped_in_vma: int) -> str | None:
    """Mlock counts a large folio only when it is fully mapped.

    mapped_in_vma: entries of the locked VMA that map it. Part of a large folio stays evictable, so that the rest can be
    reclaimed after a split. Violation: the mlock count drifts, and the folio is unevictable for ever.
    """
    if folio.mlocked and folio.large and mapped_in_vma < folio.nr:
        return f"mlocked with {mapped_in_vma} of {folio.nr} pages mapped"
    return None


@mlock_whole.example
def _() -> Example:
    machine = mapped(nr=3)
    mlock_range(machine, 0, 4)
    wrong = Folio(FolioKind.ANON, 64, order=2, refs=4, mlocked=True)
    return Example(right=(machine.memory.folios[0], 3), wrong=(wrong, 3))


@rule("G10", source="mm/mmu_gather.c tlb_flush_rmap_batch; mm/memory.c zap_present_folio_ptes")
def unmapped_before_freed(steps: Sequence[str], dirty_file: bool) -> str | None:
    """A page is unmapped from its folio before it is freed, and after the flush where that is due.

    steps: of one page: clear, flush, rmap, free. dirty_file: it is a file's and the entry was dirty, so a CPU
    may write through a stale translation until the flush, and page_mkclean() has to find the mapping so long.
    Violation: writeback takes a page for clean that is still written to.
    """
    at = {step: i for i, step in enumerate(steps)}
    if at["rmap"] > at["free"]:
        return "freed while it counts as mapped"
    return "the mapping is gone before the flush" if dirty_file and at["rmap"] < at["flush"] else None


@unmapped_before_freed.example
def _() -> Example:
    right, wrong = ("clear", "flush", "rmap", "free"), ("clear", "rmap", "flush", "free")
    return Example(right=(right, True), wrong=(wrong, True))
