# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes random sequences of operations that a kernel could run, while the reference runs them."""

from __future__ import annotations

import random
from array import array
from collections import Counter

from oracle.reference.batch import (
    MERGE_WRITE,
    MERGE_YOUNG_DIRTY,
)
from oracle.reference.pte import (
    CONT,
    DIRTY,
    EXCLUSIVE,
    HW_DIRTY,
    NONE,
    PROTNONE,
    SOFT_DIRTY,
    SPECIAL,
    UFFD_WP,
    WRITE,
    YOUNG,
    Kind,
    Violation,
)
from tests.kernel import lab
from tests.kernel.lab import PFN_BASE, SLOTS, Operation
from tests.kernel.machine import SWAPS, Machine

_MASK = (1 << 64) - 1


class Maker:
    """Makes sequences that a kernel could run, on a machine that runs them at once. everything: also the operations
    on pages and counts."""

    def __init__(self, machine: Machine, rng: random.Random, everything: bool) -> None:
        self.machine, self.rng, self.everything = machine, rng, everything
        self.operations: list[Operation] = []
        self.words = array("Q")
        self.refused: Counter[str] = Counter()
        """Operations that the reference refused, by rule; they are left out."""

    def make(self, steps: int) -> None:
        """Map a few things, then do that many operations."""
        self._map()
        if self.rng.random() < 0.5:
            self._map()
        for _ in range(steps):
            self._step()

    def _do(self, *op: int) -> None:
        full: Operation = (*op, 0, 0, 0, 0, 0)[:6]  # type: ignore[assignment]
        held = self.machine.held.held
        if op[0] == lab.SET and held and any(at in held for at in range(op[1], op[1] + op[2])):
            self._do(lab.FLUSH, op[1], op[2])  # as the kernel must before another page comes there (S15)
        try:
            result = self.machine.do(full)
        except Violation as broken:
            self.refused[broken.rule] += 1
            return
        self.operations.append(full)
        self.words.append(result & _MASK)
        self.words.extend(self.machine.words)
        if self.everything:
            self.words.extend(self.machine.rest())

    def _bits(self) -> int:
        rng, bits = self.rng, 0
        roll = rng.random()
        bits |= WRITE | DIRTY if roll < 0.5 else WRITE if roll < 0.6 else DIRTY if roll < 0.7 else 0
        bits |= YOUNG if rng.random() < 0.5 else 0
        if rng.random() < 0.1:
            bits = (bits | UFFD_WP) & ~WRITE
        if rng.random() < 0.15 and not self.machine.arm:
            bits |= SOFT_DIRTY
        # Before 7.3 arm64 folds blocks of PROTNONE entries, which the reference does not: docs/kernel-findings.md.
        protnone = not self.machine.arm or self.machine.version not in {"6.12", "7.2"}
        return (bits | PROTNONE) & ~WRITE if protnone and rng.random() < 0.05 else bits

    def _map(self) -> None:
        """set_ptes() of a run of one folio where nothing is present; mostly whole blocks or nearly so."""
        rng, entries = self.rng, self.machine.tables.entries
        folio = rng.choice(self.machine.folios.folios[:2] * 3 + self.machine.folios.folios)
        slot = rng.choice((0, 0, 16, 16, rng.randrange(SLOTS)))
        page = min(rng.choice((0, 0, 16, slot % 16, rng.randrange(32))), folio.nr - 1)
        nr = min(rng.choice((16, 32, 32, rng.randint(1, 40))), folio.nr - page, SLOTS - slot)
        while nr and any(entries[at].kind is Kind.PRESENT for at in range(slot, slot + nr)):
            nr -= 1
        bits = self._bits()
        if nr > 0 and self.rng.random() < 0.7:
            self._do(lab.SET, slot, nr, bits, folio.pfn + page, 1)
        elif nr > 0:  # one by one, with accessed and dirty bits of their own: folds at the end of a block
            for i in range(nr):
                ad = rng.choice((0, 0, YOUNG, DIRTY))
                self._do(lab.SET, slot + i, 1, bits | ad, folio.pfn + page + i, 1)

    def _run(self) -> tuple[int, int]:
        """A range of present entries: a whole block, or any part of a run; nr 0 when there is none."""
        rng, entries = self.rng, self.machine.tables.entries
        slot = rng.choice((0, 16, 32, rng.randrange(SLOTS), rng.randrange(SLOTS)))
        if entries[slot].kind is not Kind.PRESENT:
            return slot, 0
        end = slot
        while end < SLOTS and entries[end].kind is Kind.PRESENT:
            end += 1
        return slot, rng.choice((1, min(16, end - slot), end - slot, rng.randint(1, end - slot)))

    def _consecutive(self, slot: int, nr: int) -> bool:
        entries, machine = self.machine.tables.entries, self.machine
        first = entries[slot]
        folio = machine.folios.folio(first.pfn)
        return all(entries[slot + i].pfn == first.pfn + i for i in range(nr)) and folio is not None and (
            first.pfn + nr <= folio.pfn + folio.nr)  # fmt: skip

    def _allowed(self, slot: int, nr: int) -> int:
        """Bits that may be added: write not where userfaultfd protects (D6), nor without access."""
        run = self.machine.tables.entries[slot : slot + nr]
        return ~WRITE if any(pte.bits & (UFFD_WP | PROTNONE) for pte in run) else ~0

    def _step(self) -> None:
        rng, late = self.rng, self.machine.late
        slot, nr = self._run()
        if nr == 0 or rng.random() < 0.1:
            self._set_other(slot)
            return
        choice = rng.randrange(15 if not self.everything else 18)
        if choice == 0:
            self._do(lab.GET_AND_CLEAR, slot, nr, rng.randrange(2))
        elif choice == 1:
            self._do(lab.CLEAR, slot, nr, rng.randrange(2))
        elif choice in {2, 3}:
            self._do(lab.WRPROTECT, slot, nr)
        elif choice == 4:
            self._do(lab.CLEAR_AD, slot, nr, rng.randint(1, 3))
        elif choice == 5:
            self._do(rng.choice((lab.TEST_YOUNG, lab.FLUSH_YOUNG)), slot, nr if late else 1)
        elif choice in {6, 7}:
            add = rng.choice((YOUNG, YOUNG | DIRTY, YOUNG | DIRTY | WRITE, DIRTY, WRITE))
            self._do(lab.ACCESS, slot, 0, add & self._allowed(slot, 1), rng.randrange(2))
        elif choice == 8:
            self._do(rng.choice((lab.GET, lab.LOCKLESS, lab.HINT)), slot)
        elif choice in {9, 10}:
            # The world does not see that a dirty bit is set again, only what the kernel writes.
            write = rng.randrange(2) if not self.everything or slot not in self.machine.held.held else 0
            self._do(lab.HARDWARE, slot, write)
        elif choice == 11:
            nr = nr if late and self._consecutive(slot, nr) else 1
            self._do(lab.PROTECT, slot, nr, rng.choice((0, WRITE)) & self._allowed(slot, nr), rng.choice((0, WRITE)))
        elif choice == 12:
            self._batch(slot, nr)
        elif choice == 13:
            self._do(lab.FLUSH, slot, nr)
        elif choice == 14:
            self._set_one(slot)
        else:
            self._count()

    def _set_one(self, slot: int) -> None:
        """set_pte_at() over a present entry: the same page with other bits."""
        pte = self.machine.tables.entries[slot]
        if not pte.bits & SPECIAL:
            self._do(lab.SET, slot, 1, self._bits(), pte.pfn, 1)

    def _set_other(self, slot: int) -> None:
        """Where nothing is present: a page, a special entry, a swap entry or none."""
        rng, entries = self.rng, self.machine.tables.entries
        at = next((s for s in range(slot, SLOTS) if entries[s].kind is not Kind.PRESENT), None)
        if at is None:
            return
        roll = rng.random()
        if roll < 0.4:
            before = entries[at - 1] if at else NONE
            page = before.pfn + 1 if before.kind is Kind.PRESENT else PFN_BASE + 32 + at % 32
            known = self.machine.folios.folio(page) is not None
            like = before.kind is Kind.PRESENT and rng.random() < 0.8
            bits = before.bits & ~(CONT | SPECIAL | HW_DIRTY) if like else self._bits()
            if known:
                self._do(lab.SET, at, 1, bits, page, 1)
        elif roll < 0.5:
            self._do(lab.SET, at, 1, SPECIAL | YOUNG, lab.PFN_SPECIAL + at, 1)
        elif roll < 0.8:
            bits = rng.choice((0, EXCLUSIVE, UFFD_WP))
            self._do(lab.SET, at, 1, bits, rng.randrange(1, SWAPS), Kind.SWAP | rng.randrange(2) << 4)
        elif roll < 0.9:
            self._do(lab.CLEAR_NONPRESENT, at, 1)
        elif entries[at].kind is Kind.SWAP:
            self._do(lab.SWAP_BATCH, at, rng.randint(1, SLOTS - at))

    def _batch(self, slot: int, nr: int) -> None:
        folio = self.machine.folios.folio(self.machine.tables.entries[slot].pfn)
        if folio is None or not folio.large:
            return
        flags = self.rng.randrange(32 if self.machine.late else 4)
        self._do(lab.BATCH, slot, nr, flags & ~(MERGE_WRITE | MERGE_YOUNG_DIRTY) if self.rng.random() < 0.3 else flags)

    def _count(self) -> None:
        """An operation on pages, references, rss or swap counts that does not go below none."""
        rng = self.rng
        folio = rng.choice(self.machine.folios.folios)
        first = rng.randrange(folio.nr)
        nr = rng.randint(1, folio.nr - first)
        pages, pfn = range(first, first + nr), folio.pfn + first
        mapped = all(folio.mapcounts[i] for i in pages)
        choice = rng.randrange(9)
        if choice <= 1:
            self._do(lab.ADD_RMAP, pfn, nr, int(folio.anon and not any(folio.mapcounts[i] for i in pages)))
        elif choice == 2 and mapped:
            self._do(lab.REMOVE_RMAP, pfn, nr)
        elif choice == 3 and mapped:
            self._do(lab.DUP_ANON if folio.anon else lab.DUP_FILE, pfn, nr)
        elif choice == 4 and folio.anon and folio.exclusive[first]:
            self._do(lab.SHARE, pfn)
        elif choice == 5:
            self._do(lab.GET_REF, pfn, nr)
        elif choice == 6 and folio.refs > nr:
            self._do(lab.PUT_REF, pfn, nr)
        elif choice == 7:
            self._do(lab.RSS, rng.randrange(4), rng.randint(-3, 3))
        else:
            self._swaps()

    def _swaps(self) -> None:
        rng, counts = self.rng, self.machine.swaps.counts
        type, offset = rng.randrange(2), rng.randrange(SWAPS)
        nr = rng.randint(1, SWAPS - offset)
        if all(counts.get((type, offset + i)) for i in range(nr)):
            self._do(lab.SWAP_FREE, type, nr, offset)
        else:
            self._do(lab.SWAP_DUP, type, nr, offset)
