# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference's side of a laboratory: each operation of lab.py, and the words that it lets be observed."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from oracle.reference.batch import (
    Compare,
    folio_pte_batch_flags,
    scan,
    swap_pte_batch,
)
from oracle.reference.contpte import ContPte
from oracle.reference.folio import Folio, Memory
from oracle.reference.primitives import Ptes, hardware_access
from oracle.reference.pte import (
    DIRTY,
    NONE,
    WRITE,
    YOUNG,
    Kind,
    Pte,
    swap,
)
from oracle.reference.table import Mm, PageTables, Rss, SwapMap, Vma
from oracle.reference.tlb import MayHold
from tests.kernel import lab
from tests.kernel.batches import memory, word
from tests.kernel.lab import SLOTS, Operation

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
            self.ptes: Ptes = ContPte(
                self.tables,
                self.folios,
                flush=self.held.flush,
                user=not self.kernel,
                bbml2=self.bbml2 and self.late,
                flush_everywhere=not self.late,
            )
        else:
            self.ptes = Ptes(self.tables, self.held.flush, mkdirty_marks_soft=True)
        for folio in self.folios if self.folios is not SHARED else ():
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
        for folio in self.folios:
            large = folio.large_mapcount & 0xFF if folio.large else 0
            head = (folio.refs & 0xFFFF) << 16 | large << 32 | folio.partially_mapped << 40
            for count, exclusive in zip(folio.mapcounts, folio.exclusive, strict=True):
                words.append(count & 0xFF | exclusive << 8 | head)
                head = 0
        words += [self.mm.rss[which] & _MASK for which in Rss]
        words += self.swap_counts
        words.append(sum(1 << slot for slot in self.held.stale_slots()))
        return words

    @property
    def swap_counts(self) -> list[int]:
        """Users of each swap slot, in order."""
        counts = self.swaps.counts
        return [counts.get(key, 0) for key in _SWAP_KEYS] if counts else _NO_SWAPS


_SWAP_KEYS = [(type, offset) for type in range(2) for offset in range(SWAPS)]
_NO_SWAPS = [0] * len(_SWAP_KEYS)
SHARED = memory()
"""For sequences that only look where folios begin and end."""


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
