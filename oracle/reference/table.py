# SPDX-License-Identifier: GPL-2.0-or-later
"""Page tables, and what belongs to them: the lock of each, the VMA, the mm with its rss, swap counts.

A slot is a page of the address range, counted from the start of the first table; a table ends after SLOTS of them,
and the pointer arithmetic of the kernel must not leave it. Semantics: include/linux/mm.h, mm/swapfile.c.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from oracle.reference.folio import Folio, FolioKind
from oracle.reference.pte import NONE, Kind, Pte, Violation

SLOTS = 512
"""Entries of a page table of 4K pages; other sizes are given to PageTables."""


class PageTables:
    """Neighbouring page tables of one mm, read and written slot by slot. Slots outside are a Violation of B1,
    writes without the lock of their table (if locking is set) one of L1.

    changed: called with (slot, old, new) before each write, in order; the TLB listens there.
    """

    def __init__(self, entries: Sequence[Pte] = (), tables: int = 2, slots: int = SLOTS, locking: bool = False) -> None:
        self.slots, self.tables, self.locking = slots, tables, locking
        self.entries: list[Pte] = [*entries, *[NONE] * (tables * slots - len(entries))]
        self.changed: list[Callable[[int, Pte, Pte], None]] = []
        self.held: set[int] = set()

    def _inside(self, slot: int) -> None:
        if not 0 <= slot < len(self.entries):
            raise Violation("B1", "outside of the page tables", slot)

    def __getitem__(self, slot: int) -> Pte:
        """The raw entry: one READ_ONCE."""
        self._inside(slot)
        return self.entries[slot]

    def __setitem__(self, slot: int, pte: Pte) -> None:
        """One raw store."""
        self._inside(slot)
        if self.locking and slot // self.slots not in self.held:
            raise Violation("L1", "written without the lock of its table", slot)
        old = self.entries[slot]
        for listen in self.changed:
            listen(slot, old, pte)
        self.entries[slot] = pte

    def end_of_table(self, slot: int) -> int:
        """The first slot of the next table: pmd_addr_end() without a limit."""
        return (slot // self.slots + 1) * self.slots

    def room(self, slot: int, end: int) -> int:
        """B1: how many entries there are from slot to end, or to the end of the table if that comes first."""
        return min(end, self.end_of_table(slot)) - slot

    def run(self, slot: int, nr: int) -> range:
        """The slots of a batch. Violates B1 when it is empty or leaves its table."""
        if nr < 1 or slot < 0 or slot + nr > self.end_of_table(slot):
            raise Violation("B1", f"a batch of {nr} does not end with its table", slot)
        return range(slot, slot + nr)

    def lock(self, slot: int) -> None:
        """spin_lock() of the table's lock. Taking it twice is a Violation of L1."""
        table = slot // self.slots
        if table in self.held:
            raise Violation("L1", "the lock is already held", slot)
        self.held.add(table)

    def unlock(self, slot: int) -> None:
        """spin_unlock()."""
        table = slot // self.slots
        if table not in self.held:
            raise Violation("L1", "the lock is not held", slot)
        self.held.remove(table)

    @contextmanager
    def locked(self, slot: int) -> Iterator[None]:
        """lock() and unlock()."""
        self.lock(slot)
        try:
            yield
        finally:
            self.unlock(slot)

    def copy(self) -> PageTables:
        """The same entries, no locks held and nobody listening."""
        return PageTables(self.entries, self.tables, self.slots, self.locking)


class Rss(Enum):
    """The counters of an mm, include/linux/mm_types_task.h."""

    FILE = 0
    ANON = 1
    SWAP = 2
    SHMEM = 3


_RSS = {FolioKind.ANON: Rss.ANON, FolioKind.FILE: Rss.FILE, FolioKind.SHMEM: Rss.SHMEM}


def rss_of(folio: Folio) -> Rss:
    """mm_counter(): the counter that a mapping of this folio is in (G4)."""
    return _RSS[folio.kind]


@dataclass
class Vma:
    """[start, end) in slots. write: VM_WRITE; shared: VM_SHARED; soft_dirty: VM_SOFTDIRTY (all counts as dirty);
    uffd_wp: VM_UFFD_WP; uffd_remap: its userfaultfd gets remap events; file: maps a file; unnoticed: nobody waits for
    the first write to a page of it; droppable: VM_DROPPABLE; executable: VM_EXEC."""

    start: int
    end: int
    write: bool = True
    shared: bool = False
    soft_dirty: bool = False
    uffd_wp: bool = False
    uffd_rwp: bool = False
    uffd_remap: bool = False
    locked: bool = False
    file: bool = False
    unnoticed: bool = False
    droppable: bool = False
    executable: bool = False


@dataclass
class Mm:
    """tables: its page tables. user: False for init_mm, whose entries are never folded. rss: by counter."""

    tables: PageTables = field(default_factory=PageTables)
    user: bool = True
    rss: Counter[Rss] = field(default_factory=Counter)

    def count(self, which: Rss, nr: int) -> None:
        """add_mm_counter()."""
        self.rss[which] += nr


class SwapMap:
    """How many entries (and the swap cache, where it counts) refer to each swap slot, by (type, offset)."""

    def __init__(self, counts: Mapping[tuple[int, int], int] = {}) -> None:
        self.counts: dict[tuple[int, int], int] = dict(counts)

    def duplicate(self, entry: Pte, nr: int = 1) -> None:
        """swap_duplicate_nr(): one more user of each of nr slots. Violates F5 on what is no swap entry."""
        for key in self._keys(entry, nr):
            self.counts[key] = self.counts.get(key, 0) + 1

    def free(self, entry: Pte, nr: int = 1) -> None:
        """free_swap_and_cache_nr(), swap_put_entries_direct() from 7.0 on: one user fewer of each. Violates F4
        when there is none."""
        for key in self._keys(entry, nr):
            if self.counts.get(key, 0) < 1:
                raise Violation("F4", f"swap slot {key[0]}:{key[1]} has no user")
            self.counts[key] -= 1

    def held(self, type: int, offset: int, nr: int) -> bool:
        """Whether an entry still names one of the slots: folio_maybe_swapped()."""
        return any(self.counts.get((type, offset + i), 0) for i in range(nr))

    @staticmethod
    def _keys(entry: Pte, nr: int) -> list[tuple[int, int]]:
        if entry.kind is not Kind.SWAP:
            raise Violation("F5", "not a swap entry")
        return [(entry.type, entry.pfn + i) for i in range(nr)]
