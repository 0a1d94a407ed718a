# SPDX-License-Identifier: GPL-2.0-or-later
"""F: batches of swap entries, and the other non-present entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from oracle.reference.batch import swap_pte_batch
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.primitives import Ptes
from oracle.reference.pte import (
    DIRTY,
    EXCLUSIVE,
    MARKERS,
    MIGRATION,
    SOFT_DIRTY,
    UFFD_WP,
    YOUNG,
    Kind,
    Pte,
    present,
    swap,
)
from oracle.reference.rules import Example, rule
from oracle.reference.table import Mm, PageTables, Rss, SwapMap


@rule("F1", source="mm/internal.h swap_pte_batch")
def swap_batch_alike(entries: Sequence[Pte]) -> str | None:
    """A swap batch has one type, rising offsets and equal bits.

    Soft-dirty, exclusive and uffd-wp count; in 6.12 the control group of the slot as well. Violation: slots of
    another device, or an exclusive page with shared ones, are freed or read in as one.
    """
    for i, pte in enumerate(entries):
        if pte != entries[0].advance(i):
            return f"entry {i} is {pte} after {entries[0]}"
    return None


@swap_batch_alike.example
def _() -> Example:
    entries = [swap(0, 8), swap(0, 9), swap(0, 10, EXCLUSIVE), swap(0, 11, EXCLUSIVE)]
    nr = swap_pte_batch(Ptes(PageTables(entries)), 0, entries[0], 4)
    return Example(right=(entries[:nr],), wrong=(entries,))


@rule("F2", source="mm/internal.h swap_pte_batch; mm/memory.c zap_nonpresent_ptes")
def swap_batch_real(tables: PageTables, slot: int, nr: int) -> str | None:
    """A swap batch stays in one page table and holds real swap entries only.

    Migration, device, hwpoison entries and markers have their own offsets (a pfn, flags) and are handled one at a time.
    Violation: such an entry is stepped over or freed as a swap slot.
    """
    if nr > tables.room(slot, slot + nr):
        return f"{nr} entries from slot {slot} leave the page table"
    other = [at for at in range(slot, slot + nr) if tables.entries[at].kind is not Kind.SWAP]
    return f"slot {other[0]} holds {tables.entries[other[0]]}" if other else None


@swap_batch_real.example
def _() -> Example:
    tables = PageTables([swap(0, 8), swap(0, 9), Pte(Kind.MIGRATION_READ, 10)])
    return Example(right=(tables, 0, swap_pte_batch(Ptes(tables), 0, tables[0], 3)), wrong=(tables, 0, 3))


@rule("F3", source="mm/internal.h pte_move_swp_offset, pte_next_swp_offset")
def step_keeps_bits(pte: Pte, stepped: Pte, nr: int) -> str | None:
    """Stepping a swap entry keeps its soft-dirty, exclusive and uffd-wp bits.

    The entry is rebuilt from type and offset, so each bit has to be carried over. Violation: a bit is dropped, and the
    next comparison or write with it.
    """
    return None if stepped == pte.advance(nr) else f"{nr} on from {pte} is {stepped}"


@step_keeps_bits.example
def _() -> Example:
    pte = swap(1, 5, SOFT_DIRTY | EXCLUSIVE | UFFD_WP)
    return Example(right=(pte, pte.advance(3), 3), wrong=(pte, swap(1, 8, SOFT_DIRTY), 3))


@rule("F4", source="mm/swapfile.c free_swap_and_cache_nr, swap_put_entries_direct; mm/memory.c zap_nonpresent_ptes")
def freed_once(freed: Sequence[tuple[int, int]], rss: int, entries: Sequence[Pte]) -> str | None:
    """Freeing a swap batch counts every entry once, in the swap map and in rss.

    freed: (type, offset) of each slot that lost a user; rss: by how much MM_SWAPENTS changed; entries: what was
    cleared. Violation: a slot that leaks or is freed under another user, and a counter that drifts.
    """
    wanted = Counter((pte.type, pte.pfn) for pte in entries)
    if Counter(freed) != wanted:
        return f"freed {sorted(freed)}, cleared {sorted(wanted)}"
    return None if rss == -len(entries) else f"rss changes by {rss} for {len(entries)} entries"


@freed_once.example
def _() -> Example:
    entries = [swap(0, 8), swap(0, 9), swap(0, 10)]
    mm, swaps = Mm(), SwapMap({(0, n): 1 for n in (8, 9, 10)})
    swaps.free(entries[0], 3)
    mm.count(Rss.SWAP, -3)
    freed = [key for key, users in swaps.counts.items() if users == 0]
    return Example(right=(freed, mm.rss[Rss.SWAP], entries), wrong=(freed, -1, entries))


@rule("F5", source="include/linux/swapops.h; include/linux/leafops.h softleaf_type (from 7.0)")
def right_accessor(pte: Pte, read_as: str) -> str | None:
    """Non-present entries are told apart by type and not read as present ones.

    read_as: the form that was assumed: present, swap, migration, device-exclusive, hwpoison, marker. Device-exclusive
    is not migration: the page stays where it is. Violation: pte_pfn() or pte_write() of a swap entry, a page where
    there is a marker.
    """
    if pte.kind in MARKERS:
        right = "marker"
    else:
        right = "migration" if pte.kind in MIGRATION else pte.kind.name.lower().replace("_", "-")
    return None if right == read_as else f"{pte} is {right} and is read as {read_as}"


@right_accessor.example
def _() -> Example:
    pte = Pte(Kind.DEVICE_EXCLUSIVE, 64)
    return Example(right=(pte, "device-exclusive"), wrong=(pte, "migration"))


def migration_readonly(pte: Pte, anon: bool) -> Pte:
    """A writable migration entry made read-only: by mprotect, or by fork for both sides' private mapping."""
    kind = Kind.MIGRATION_READ_EXCLUSIVE if anon else Kind.MIGRATION_READ
    return Pte(kind, pte.pfn, pte.bits) if pte.kind is Kind.MIGRATION_WRITE else pte


@rule("F6", source="mm/mprotect.c change_pte_range, change_softleaf_pte; mm/memory.c copy_nonpresent_pte")
def migration_downgraded(old: Pte, new: Pte, anon: bool) -> str | None:
    """Making a migration entry read-only keeps its exclusivity, soft-dirty and uffd-wp.

    mprotect: of an anon page it becomes readable and exclusive, so that it can be made writable again; of a file
    readable. (fork: readable, as the page is shared from then on.) Violation: a page is copied that need not be, a bit
    is lost, or the entry stays writable.
    """
    right = migration_readonly(old, anon)
    return None if new == right else f"{old} becomes {new}, not {right}"


@migration_downgraded.example
def _() -> Example:
    old = Pte(Kind.MIGRATION_WRITE, 64, SOFT_DIRTY)
    right = Pte(Kind.MIGRATION_READ_EXCLUSIVE, 64, SOFT_DIRTY)
    return Example(right=(old, right, True), wrong=(old, Pte(Kind.MIGRATION_READ, 64), True))


def migration_restored(entry: Pte, folio: Folio, pfn: int) -> Pte:
    """remove_migration_pte(), the accessed and dirty bits of it."""
    bits = entry.bits & YOUNG | (DIRTY if entry.bits & DIRTY and folio.dirty else 0)
    return present(pfn, bits)


@rule("F7", source="mm/migrate.c remove_migration_pte; include/linux/leafops.h softleaf_is_migration_dirty")
def restored_bits(entry: Pte, folio_dirty: bool, restored: Pte) -> str | None:
    """An entry restored after migration has just the dirty and young bits it had.

    Migration entries carry both where pfns leave room for them. Dirty comes back only if the folio is dirty still: it
    may have been written out meanwhile. Violation: an invented dirty bit (a write-out for nothing, or none at all for a
    lost one).
    """
    dirty = bool(entry.bits & DIRTY) and folio_dirty
    if restored.dirty != dirty:
        return f"dirty is {restored.dirty}, it should be {dirty}"
    return None if restored.young == bool(entry.bits & YOUNG) else "young is not what it was"


@restored_bits.example
def _() -> Example:
    entry, folio = Pte(Kind.MIGRATION_WRITE, 64, DIRTY | YOUNG), Folio(FolioKind.FILE, 128, dirty=False)
    return Example(
        right=(entry, folio.dirty, migration_restored(entry, folio, 128)),
        wrong=(entry, folio.dirty, present(128, DIRTY | YOUNG)),
    )
