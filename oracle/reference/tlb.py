# SPDX-License-Identifier: GPL-2.0-or-later
"""What CPUs may still hold of the page tables, and what has to be flushed when.

Each CPU keeps the translations it has walked until they are flushed. Through one that is dirty already it writes
without a look at the entry, so after an entry was cleared, writes may still reach the page until the flush (T9).
Semantics: Intel SDM vol. 3 4.10, Arm ARM D8.14; include/asm-generic/tlb.h, mm/mmu_gather.c, mm/rmap.c.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.reference.folio import Folio
from oracle.reference.primitives import hardware_access
from oracle.reference.pte import ANY_DIRTY, CONT, DIRTY, WRITE, YOUNG, Pte, Violation
from oracle.reference.table import PageTables


@dataclass(frozen=True)
class Stale:
    """A translation that allows what its entry no longer does."""

    cpu: int
    slot: int
    held: Pte
    now: Pte

    def __str__(self) -> str:
        return f"CPU {self.cpu} holds {self.held} of slot {self.slot}, now {self.now}"


def allows_more(held: Pte, now: Pte) -> bool:
    """Whether a cached translation is stale: its entry is of no use any more, maps another page, lost write (T2), or
    was made clean, so that a write would go unseen (T9). Young counts for nothing (T10), nor does gaining (T3)."""
    if not now.valid or (held.usable and not now.usable) or held.pfn != now.pfn:
        return True
    if not held.bits & WRITE:
        return False
    return not now.bits & WRITE or bool(held.bits & ANY_DIRTY and not now.bits & ANY_DIRTY)


class Tlb:
    """The TLBs of several CPUs over one mm's tables. bbml2: CPUs take a changed contiguous bit without a flush.
    dirty, cont: of the primitives (Ptes); a CPU holds a folded block as one.

    Changing an entry to another valid page, or its contiguous bit, while a CPU holds the old translation is a
    Violation of S15 or C9 (break-before-make, Arm ARM D8.16)."""

    def __init__(
        self, tables: PageTables, cpus: int = 2, bbml2: bool = False, dirty: int = DIRTY, cont: int = 1
    ) -> None:
        self.tables, self.bbml2, self.dirty, self.cont = tables, bbml2, dirty, cont
        self.held: list[dict[int, Pte]] = [{} for _ in range(cpus)]
        self.written: set[int] = set()
        """pfns that were written to, by any CPU; whoever is responsible for their dirty bits removes them."""
        tables.changed.append(self._changes)

    def access(self, cpu: int, slot: int, write: bool = False) -> bool:
        """A load or store of that CPU, through what it holds or else a walk. False: page fault."""
        held = self.held[cpu].get(slot)
        usable = held is not None and (not write or (held.bits & WRITE and held.bits & ANY_DIRTY))
        if not usable:
            if not hardware_access(self.tables, slot, write, self.dirty):
                self.held[cpu].pop(slot, None)
                return False
            held = self.tables.entries[slot]
            self._fill(cpu, slot, held)
        if write and held is not None:
            self.written.add(held.pfn)
        return True

    def _fill(self, cpu: int, slot: int, pte: Pte) -> None:
        first = slot - slot % self.cont if pte.bits & CONT else slot
        for at in range(first, first + self.cont) if pte.bits & CONT else (slot,):
            self.held[cpu][at] = pte.advance(at - slot)

    def walk_all(self) -> None:
        """The worst case: every CPU accesses all it can."""
        for cpu in range(len(self.held)):
            for slot, pte in enumerate(self.tables.entries):
                if pte.valid:
                    self.access(cpu, slot)

    def flush(self, start: int, end: int) -> None:
        """flush_tlb_range() of [start, end) in slots: no CPU holds these any more."""
        for held in self.held:
            for slot in [slot for slot in held if start <= slot < end]:
                del held[slot]

    def stale(self) -> list[Stale]:
        """What still allows more than the entries do: empty when the lock is dropped or the gather ends (T2)."""
        return [
            Stale(cpu, slot, pte, self.tables.entries[slot])
            for cpu, held in enumerate(self.held)
            for slot, pte in sorted(held.items())
            if allows_more(pte, self.tables.entries[slot])
        ]

    def holds(self, pfn: int, nr: int = 1) -> bool:
        """Whether any CPU may still reach one of these pages."""
        return any(pfn <= pte.pfn < pfn + nr for held in self.held for pte in held.values())

    def _changes(self, slot: int, old: Pte, new: Pte) -> None:  # noqa: ARG002 - what is held counts
        if not new.valid:
            return
        for held in self.held:
            was = held.get(slot)
            if was is None:
                continue
            if was.pfn != new.pfn:
                raise Violation("S15", "another page while the old translation is live", slot)
            if (was.bits ^ new.bits) & CONT and not self.bbml2:
                raise Violation("C9", "the contiguous bit changes while the old translation is live", slot)


class MayHold:
    """The worst case with no CPU in particular: what was valid and accessed when it changed may be held by some CPU,
    until that is flushed. An entry of a folded block counts as accessed, since the block's one TLB entry serves it."""

    def __init__(self, tables: PageTables) -> None:
        self.tables = tables
        self.held: dict[int, list[Pte]] = {}
        tables.changed.append(self._changes)

    def _changes(self, slot: int, old: Pte, new: Pte) -> None:  # noqa: ARG002 - asked for when it matters
        if old.valid and old.bits & (YOUNG | CONT):
            self.held.setdefault(slot, []).append(old)

    def flush(self, start: int, end: int) -> None:
        """Of [start, end) nothing is held any more."""
        for slot in [slot for slot in self.held if start <= slot < end]:
            del self.held[slot]

    def stale_slots(self) -> list[int]:
        """Slots of which some CPU may hold more than their entry allows."""
        now = self.tables.entries
        return [slot for slot, held in self.held.items() if any(allows_more(one, now[slot]) for one in held)]


@dataclass
class Gather:
    """mmu_gather: the range to flush and the pages to drop after. room: batches that fit before a flush is due."""

    tlb: Tlb
    room: int = 1 << 30
    start: int | None = None
    end: int = 0
    pages: list[tuple[Folio, int, int, bool]] = field(default_factory=list)
    freed: list[tuple[Folio, int, int]] = field(default_factory=list)

    def remove_tlb_entries(self, slot: int, nr: int = 1) -> None:
        """tlb_remove_tlb_entries(): the range grows by the whole batch (T5)."""
        self.start = slot if self.start is None else min(self.start, slot)
        self.end = max(self.end, slot + nr)

    def remove_pages(self, folio: Folio, first: int, nr: int, delay_rmap: bool = False) -> bool:
        """__tlb_remove_folio_pages(): drop these pages after the flush. True: full, so the caller must flush before
        it goes on; the pages given are in (T6). Violates T5 when no range was given before."""
        if self.start is None:
            raise Violation("T5", "pages are gathered and no range is")
        self.pages.append((folio, first, nr, delay_rmap))
        return len(self.pages) >= self.room

    def flush(self) -> None:
        """tlb_flush_mmu(): invalidate, then remove delayed rmaps (G10), then drop references (T1)."""
        if self.start is not None:
            self.tlb.flush(self.start, self.end)
        self.start, self.end = None, 0
        self.flush_rmaps()
        for folio, first, nr, _ in self.pages:
            self.free(folio, first, nr)
        self.pages.clear()

    def flush_rmaps(self) -> None:
        """tlb_flush_rmaps(): after the invalidation, still under the lock of the table."""
        for i, (folio, first, nr, delayed) in enumerate(self.pages):
            if delayed:
                folio.remove_rmap(first, nr)
                self.pages[i] = (folio, first, nr, False)

    def free(self, folio: Folio, first: int, nr: int) -> None:
        """free_pages_and_swap_cache(): violates T1 when a CPU still reaches one of the pages."""
        if self.tlb.holds(folio.pfn + first, nr):
            raise Violation("T1", "a page is freed with a live translation")
        folio.put(nr)
        self.freed.append((folio, first, nr))


@dataclass
class DeferredFlush:
    """What reclaim has put off (set_tlb_ubc_flush_pending): entries are gone, CPUs may still hold them."""

    tlb: Tlb
    pending: list[tuple[int, int]] = field(default_factory=list)

    def defer(self, slot: int, nr: int = 1) -> None:
        """Remember the range instead of flushing it."""
        self.pending.append((slot, slot + nr))

    def flush(self) -> None:
        """try_to_unmap_flush(), or flush_tlb_batched_pending() by who takes the lock and relies on it (T7)."""
        for start, end in self.pending:
            self.tlb.flush(start, end)
        self.pending.clear()
