"""Random sequences of primitive operations on the reference and on the tree's own code, state compared after each.

A sequence is made while the reference runs it, since what may be called depends on the state; the tree's code is then
given the same operations. Blocks: two or three contpte blocks' worth of entries. All: also pages, rss, swap counts
and which translations are stale.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from oracle.reference.batch import (
    MERGE_WRITE,
    MERGE_YOUNG_DIRTY,
    Compare,
    folio_pte_batch_flags,
    scan,
    swap_pte_batch,
)
from oracle.reference.contpte import ContPte
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes, hardware_access
from oracle.reference.pte import DIRTY, EXCLUSIVE, NONE, PROTNONE, SOFT_DIRTY, SPECIAL, UFFD_WP, WRITE, YOUNG, Kind, Pte, Violation, swap
from oracle.reference.table import Mm, PageTables, Rss, SwapMap, Vma
from oracle.reference.tlb import MayHold
from tests.kernel.batches import memory, word
from tests.kernel import lab
from tests.kernel.lab import Lab, Operation, PFN_BASE, SLOTS

PAGES = range(PFN_BASE + 32, PFN_BASE + 120)
SWAPS = 16
_MASK = (1 << 64) - 1


@dataclass
class Machine:
    """The reference's side of a laboratory: one table, the folios of lab.c. late: batch flags of 6.17 and later."""

    flavour: str
    version: str
    bbml2: bool = False
    kernel: bool = False
    folios: Memory = field(default_factory=memory)
    words: array[int] = field(default_factory=lambda: array("Q", bytes(8 * SLOTS)))
    """The words of the table, kept as it changes."""

    def __post_init__(self) -> None:
        self.tables = PageTables(tables=1, slots=SLOTS)
        self.mm, self.swaps, self.vma = Mm(self.tables), SwapMap(), Vma(0, SLOTS)
        self.late, self.arm = self.version != "6.12", self.flavour != "x86-64"
        self.held = MayHold(self.tables)
        self.tables.changed.append(self._changes)
        if self.arm:
            self.ptes: Ptes = ContPte(self.tables, self.folios, flush=self.held.flush, user=not self.kernel, bbml2=self.bbml2)
        else:
            self.ptes = Ptes(self.tables, self.held.flush, mkdirty_marks_soft=True)
        for folio in self.folios if self.folios is not _SHARED else ():
            folio.refs = 1 + (folio.nr if not folio.anon else 0) + (0 if not folio.pins else 1 if folio.large else 1024)

    def do(self, op: Operation) -> int:
        """Run one operation; its result as lab.h has it."""
        return _DO[op[0]](self, *op[1:])

    def _changes(self, slot: int, _: Pte, new: Pte) -> None:
        self.words[slot] = word(new)

    def poke(self, slot: int, pte: Pte) -> None:
        """A write that no CPU and no rule sees."""
        self.tables.entries[slot] = pte
        self.words[slot] = word(pte)

    def rest(self) -> list[int]:
        """The words of mode 2 that follow."""
        words = []
        for pfn in PAGES:
            folio = self.folios.folio(pfn)
            if folio is None:
                words.append(_NO_PAGE)
                continue
            i = pfn - folio.pfn
            one = folio.mapcounts[i] & 0xFF | folio.exclusive[i] << 8
            if i == 0:
                large = folio.large_mapcount & 0xFF if folio.large else 0
                one |= (folio.refs & 0xFFFF) << 16 | large << 32 | folio.partially_mapped << 40
            words.append(one)
        words += [self.mm.rss[which] & _MASK for which in Rss]
        words += [self.swaps.counts.get((t, n), 0) for t in range(2) for n in range(SWAPS)]
        words.append(sum(1 << slot for slot in self.held.stale_slots()))
        return words


_SHARED = memory()
"""For sequences that only look where folios begin and end."""
_NO_PAGE = 1
"""A page of no folio: never set up, so its mapcount word reads as one."""


def _entry(kind: int, bits: int, pfn: int, type: int) -> Pte:
    return NONE if not kind else Pte(Kind(kind), 0 if kind > Kind.HWPOISON else pfn, bits, type)


def _poke(m: Machine, slot: int, kind: int, bits: int, pfn: int, type: int) -> int:
    m.poke(slot, _entry(kind, bits, pfn, type))
    return 0


def _set(m: Machine, slot: int, nr: int, bits: int, pfn: int, what: int) -> int:
    m.ptes.set_ptes(slot, _entry(what & 15, bits, pfn, what >> 4), nr)
    return 0


def _clear(m: Machine, slot: int, nr: int, *_: int) -> int:
    m.ptes.clear_full_ptes(slot, nr)
    return 0


def _wrprotect(m: Machine, slot: int, nr: int, *_: int) -> int:
    m.ptes.wrprotect_ptes(slot, nr)
    return 0


def _clear_ad(m: Machine, slot: int, nr: int, flags: int, *_: int) -> int:
    m.ptes.clear_young_dirty_ptes(slot, nr, young=bool(flags & 1), dirty=bool(flags & 2))
    return 0


def _flush_young(m: Machine, slot: int, nr: int, *_: int) -> int:
    return m.ptes.clear_flush_young_ptes(slot, nr)


def _access(m: Machine, slot: int, _: int, add: int, write: int, __: int) -> int:
    entry = m.ptes.ptep_get(slot)
    entry = entry.set(YOUNG) if add & YOUNG else entry
    entry = m.ptes.mkdirty(entry) if add & DIRTY else entry
    entry = entry.set(WRITE) if add & WRITE else entry
    return m.ptes.ptep_set_access_flags(slot, entry, bool(write))


def _hardware(m: Machine, slot: int, write: int, *_: int) -> int:
    done = hardware_access(m.tables, slot, bool(write), m.ptes.hardware_dirty)
    m.words[slot] = word(m.tables.entries[slot])
    return done


def _protect(m: Machine, slot: int, nr: int, add: int, drop: int, _: int) -> int:
    old = m.ptes.modify_prot_start_ptes(slot, nr)
    new = old.wrprotect() if drop & WRITE else old.set(WRITE) if add & WRITE else old
    m.ptes.modify_prot_commit_ptes(slot, new, nr)
    return word(old)


def _clear_nonpresent(m: Machine, slot: int, nr: int, *_: int) -> int:
    m.ptes.clear_not_present_full_ptes(slot, nr)
    return 0


def _batch(m: Machine, slot: int, nr: int, flags: int, *_: int) -> int:
    pte = m.ptes.ptep_get(slot)
    folio = m.folios.folio(pte.pfn)
    assert folio is not None
    if not m.late:
        found = scan(m.ptes, folio, slot, pte, nr, Compare.until_6_16(flags))
        return found.nr | found.any_write << 8 | found.any_young << 9 | found.any_dirty << 10
    length, merged = folio_pte_batch_flags(m.ptes, folio, slot, pte, nr, flags, m.vma)
    return length | word(merged) << 8 & _MASK


def _swap_batch(m: Machine, slot: int, nr: int, *_: int) -> int:
    return swap_pte_batch(m.ptes, slot, m.tables[slot], nr)


def _flush(m: Machine, slot: int, nr: int, *_: int) -> int:
    m.held.flush(slot, slot + nr)
    return 0


def _of(m: Machine, pfn: int) -> tuple[Folio, int]:
    folio = m.folios.folio(pfn)
    assert folio is not None
    return folio, pfn - folio.pfn


def _add_rmap(m: Machine, pfn: int, nr: int, exclusive: int, *_: int) -> int:
    folio, first = _of(m, pfn)
    folio.add_rmap(first, nr, exclusive=bool(exclusive) and folio.anon)
    return 0


def _remove_rmap(m: Machine, pfn: int, nr: int, *_: int) -> int:
    folio, first = _of(m, pfn)
    folio.remove_rmap(first, nr)
    return 0


def _dup_anon(m: Machine, pfn: int, nr: int, *_: int) -> int:
    folio, first = _of(m, pfn)
    return folio.try_dup_anon_rmap(first, nr)


def _share(m: Machine, pfn: int, *_: int) -> int:
    folio, first = _of(m, pfn)
    return folio.try_share_anon_rmap(first)


def _get_ref(m: Machine, pfn: int, nr: int, *_: int) -> int:
    _of(m, pfn)[0].get(nr)
    return 0


def _put_ref(m: Machine, pfn: int, nr: int, *_: int) -> int:
    _of(m, pfn)[0].put(nr)
    return 0


def _rss(m: Machine, which: int, nr: int, *_: int) -> int:
    m.mm.count(Rss(which), nr)
    return 0


def _swap_dup(m: Machine, type: int, nr: int, offset: int, *_: int) -> int:
    m.swaps.duplicate(swap(type, offset), nr)
    return 0


def _swap_free(m: Machine, type: int, nr: int, offset: int, *_: int) -> int:
    m.swaps.free(swap(type, offset), nr)
    return 0


_DO: dict[int, Callable[..., int]] = {
    lab.POKE: _poke, lab.SET: _set, lab.CLEAR: _clear, lab.WRPROTECT: _wrprotect, lab.CLEAR_AD: _clear_ad,
    lab.GET_AND_CLEAR: lambda m, slot, nr, *_: word(m.ptes.get_and_clear_full_ptes(slot, nr)),
    lab.TEST_YOUNG: lambda m, slot, nr, *_: m.ptes.test_and_clear_young_ptes(slot, nr),
    lab.FLUSH_YOUNG: _flush_young, lab.ACCESS: _access, lab.HARDWARE: _hardware, lab.PROTECT: _protect,
    lab.GET: lambda m, slot, *_: word(m.ptes.ptep_get(slot)),
    lab.LOCKLESS: lambda m, slot, *_: word(m.ptes.ptep_get(slot)),
    lab.HINT: lambda m, slot, *_: m.ptes.batch_hint(slot, m.ptes.ptep_get(slot)),
    lab.CLEAR_NONPRESENT: _clear_nonpresent, lab.BATCH: _batch, lab.SWAP_BATCH: _swap_batch, lab.FLUSH: _flush,
    lab.ADD_RMAP: _add_rmap, lab.REMOVE_RMAP: _remove_rmap, lab.DUP_ANON: _dup_anon, lab.DUP_FILE: _add_rmap,
    lab.SHARE: _share, lab.GET_REF: _get_ref, lab.PUT_REF: _put_ref, lab.RSS: _rss, lab.SWAP_DUP: _swap_dup,
    lab.SWAP_FREE: _swap_free,
}  # fmt: skip


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
        return bits | PROTNONE if protnone and rng.random() < 0.05 else bits

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
        """Bits that may be added: write not where userfaultfd protects (D6)."""
        return ~WRITE if any(pte.bits & UFFD_WP for pte in self.machine.tables.entries[slot : slot + nr]) else ~0

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
            bits = before.bits & ~(128 | SPECIAL | 1024) if before.kind is Kind.PRESENT and rng.random() < 0.8 else self._bits()
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


@dataclass
class Result:
    """sequences and operations compared, and the sequences that differ, with the operation and the words."""

    sequences: int = 0
    operations: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(lab_: Lab, version: str, flavour: str, seed: int, count: int, everything: bool, steps: int = 4) -> Result:
    """Run `count` random sequences of `steps` operations (after what maps something) on both."""
    result = Result()
    mode = lab.ALL if everything else lab.TABLE
    for start in range(0, count, 200):
        flags = (start // 200) % 4 if flavour != "x86-64" else 0
        made = []
        for n in range(start, min(start + 200, count)):
            kernel = bool(flags & lab.KERNEL) and n % 8 == 0
            machine = Machine(flavour, version, bool(flags & lab.BBML2), kernel, memory() if everything else _SHARED)
            made.append(Maker(machine, random.Random(seed << 32 | n), everything))
            made[-1].make(steps)
        _check(lab_, made, mode, flags, result)
    return result


def _check(lab_: Lab, made: list[Maker], mode: int, flags: int, result: Result) -> None:
    numbers = array("i")
    for one in made:
        numbers.extend((len(one.operations), mode, flags & lab.BBML2 | (lab.KERNEL if one.machine.kernel else 0)))
        for operation in one.operations:
            numbers.extend(operation)
    for one, seen in zip(made, lab_.run_numbers(numbers, len(made)), strict=True):
        result.sequences += 1
        result.operations += len(one.operations)
        result.refused += one.refused
        if seen.ending or seen.words.tobytes() != one.words.tobytes():
            result.differences.append(explain(one, seen))


def explain(one: Maker, seen: lab.Seen) -> str:
    """The first operation after which the two differ, and where."""
    each = len(one.words) // len(one.operations)
    for i, operation in enumerate(one.operations):
        wanted, got = one.words[i * each : (i + 1) * each], seen.words[i * each : (i + 1) * each].tolist()
        where = [n for n in range(each) if n >= len(got) or wanted[n] != got[n]]
        if where:
            shown = [f"word {n}: tree {got[n]:#x}, reference {wanted[n]:#x}" for n in where[:4] if n < len(got)]
            return f"{one.operations[: i + 1]} ending {seen.ending}: {'; '.join(shown)}"
    return f"{one.operations} ending {seen.ending}"
