# SPDX-License-Identifier: GPL-2.0-or-later
"""Batch detection of the reference against the tree's own, on every table of a few entries.

An entry is in one of some states, all of them about the page that continues the batch, or it breaks it. A table of n
entries starts with a present one; max_nr is n. Every set of flags of the era is tried. Each table is laid over two
folios: one that goes on, and one of four pages that ends at the third entry, beside the next in pfn.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from oracle.reference.batch import Compare, folio_pte_batch_flags, scan, swap_pte_batch
from oracle.reference.contpte import ContPte
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.primitives import Ptes
from oracle.reference.pte import (
    DIRTY,
    EXCLUSIVE,
    NONE,
    PROTNONE,
    SOFT_DIRTY,
    UFFD_WP,
    WRITE,
    YOUNG,
    Kind,
    Pte,
    present,
    swap,
)
from oracle.reference.table import PageTables, Vma
from tests.kernel.lab import BATCH_ALL, PFN_BASE, POKE, RESULTS, SLOTS, SWAP_BATCH, Lab

# Bits of the page that continues the batch; the first five are CI's.
PRESENT = (0, WRITE | DIRTY, DIRTY | YOUNG, SOFT_DIRTY | UFFD_WP, WRITE | DIRTY | SOFT_DIRTY, WRITE | YOUNG, SOFT_DIRTY,
           UFFD_WP | DIRTY, PROTNONE)  # fmt: skip
_FLAGS = {"6.12": 3}
LATE_FLAGS = 31
PLACES = (PFN_BASE + 34, PFN_BASE + 81)
_CHUNK = 2000


class Compared(NamedTuple):
    """tables: how many were compared; calls: calls of batch detection; differences: the first few, in words."""

    tables: int
    calls: int
    differences: list[str]


def memory() -> Memory:
    """The folios of lab.c."""
    anon, shmem, file = FolioKind.ANON, FolioKind.SHMEM, FolioKind.FILE
    made = (
        (anon, 5, 32, 0), (anon, 4, 64, 0), (anon, 2, 80, 0), (anon, 0, 84, 0), (file, 0, 85, 0), (shmem, 3, 88, 0),
        (file, 4, 96, 0), (anon, 2, 112, 1), (anon, 0, 116, 1),
    )  # fmt: skip
    return Memory(Folio(kind, PFN_BASE + pfn, order, pins=pins) for kind, order, pfn, pins in made)


def primitives(flavour: str, tables: PageTables) -> Ptes:
    """The reference's primitives as that flavour has them."""
    return Ptes(tables, mkdirty_marks_soft=True) if flavour == "x86-64" else ContPte(tables, memory())


def word(pte: Pte) -> int:
    """An entry as lab.h writes it."""
    pfn = 0 if pte.kind > Kind.HWPOISON else pte.pfn
    return pte.kind | pte.bits << 4 | pte.type << 16 | pfn << 24


def states(first: int, bits: int, breaks: int, soft: bool) -> list[list[Pte]]:
    """For each of six positions the entries to try: the page that is due with the first `bits` sets of bits, then the
    first `breaks` of no entry, the page after, a swap entry. soft: the flavour has soft-dirty."""
    keep = ~0 if soft else ~SOFT_DIRTY
    found = []
    for i in range(6):
        alike = [present(first + i, b & keep) for b in PRESENT[:bits]]
        found.append([*dict.fromkeys(alike), *(NONE, present(first + i + 1), swap(0, i + 1))[:breaks]])
    return found


def swap_states() -> list[list[Pte]]:
    """The same for swap batches: the next offset with each of five sets of bits, the one before, another type, a
    migration entry, none. Offsets reach over 32, where the world changes the control group."""
    bits = (0, SOFT_DIRTY, EXCLUSIVE, UFFD_WP, SOFT_DIRTY | EXCLUSIVE)
    found = []
    for i in range(6):
        alike = [swap(0, 29 + i, b) for b in bits]
        others = [swap(0, 28 + i), swap(1, 29 + i), Pte(Kind.MIGRATION_READ, PFN_BASE + 34 + i), NONE]
        found.append(alike + others)
    return found


def tables_of(entries: list[list[Pte]], usable: Kind, longest: int) -> Iterator[tuple[Pte, ...]]:
    """Every table of one to so many of them whose first entry is of that kind."""
    for length in range(1, longest + 1):
        yield from (t for t in product(*entries[:length]) if t[0].kind is usable)


def compare_folio(lab: Lab, version: str, flavour: str, bits: int = 5, breaks: int = 3, longest: int = 6) -> Compared:
    """Every table of the first `bits` present states and the breaks, over both places and with all flags."""
    tables = PageTables(tables=1, slots=SLOTS)
    ptes, folios, last = primitives(flavour, tables), memory(), _FLAGS.get(version, LATE_FLAGS)
    vma, count = Vma(0, SLOTS), 0
    differences: list[str] = []
    for first in PLACES:
        folio = folios.folio(first)
        assert folio is not None
        all_tables = tables_of(states(first, bits, breaks, flavour == "x86-64"), Kind.PRESENT, longest)
        for table, got in _asked(lab, all_tables, BATCH_ALL, last):
            tables.entries[: len(table)] = table
            wanted = [_expected(ptes, folio, table, f, version, vma) for f in range(last + 1)]
            count += 1
            if got != wanted and len(differences) < 5:
                differences.append(f"{[str(p) for p in table]}: tree {got}, reference {wanted}")
    return Compared(count, count * (last + 1), differences)


def _expected(ptes: Ptes, folio: Folio, table: tuple[Pte, ...], flags: int, version: str, vma: Vma) -> int:
    if version in _FLAGS:
        found = scan(ptes, folio, 0, table[0], len(table), Compare.until_6_16(flags))
        return found.nr | found.any_write << 8 | found.any_young << 9 | found.any_dirty << 10
    nr, merged = folio_pte_batch_flags(ptes, folio, 0, table[0], len(table), flags, vma)
    return nr | word(merged) << 8 & (1 << 64) - 1


def compare_swap(lab: Lab, version: str, flavour: str, longest: int = 6) -> Compared:
    """Every table of swap states."""
    tables = PageTables(tables=1, slots=SLOTS)
    ptes, count = primitives(flavour, tables), 0
    differences: list[str] = []
    soft = flavour == "x86-64"
    entries = [[p if soft else p.clear(SOFT_DIRTY) for p in at] for at in swap_states()]
    # The world's control groups change every 32 offsets.
    group = (lambda e: e.pfn >> 5 & 1) if version == "6.12" else (lambda _: 0)
    for table, got in _asked(lab, tables_of(entries, Kind.SWAP, longest), SWAP_BATCH, 0):
        tables.entries[: len(table)] = table
        wanted = [swap_pte_batch(ptes, 0, table[0], len(table), group)]
        count += 1
        if got != wanted and len(differences) < 5:
            differences.append(f"{[str(p) for p in table]}: tree {got}, reference {wanted}")
    return Compared(count, count, differences)


_Answers = Iterator[tuple[tuple[Pte, ...], list[int]]]


def _asked(lab: Lab, tables: Iterator[tuple[Pte, ...]], what: int, last: int) -> _Answers:
    """Each table with the tree's answers."""
    while chunk := [t for _, t in zip(range(_CHUNK), tables, strict=False)]:
        numbers = array("i")
        for table in chunk:
            numbers.extend((len(table) + 1, RESULTS, 0))
            for i, pte in enumerate(table):
                numbers.extend((POKE, i, pte.kind, pte.bits, pte.pfn, pte.type))
            numbers.extend((what, 0, len(table), last, 0, 0))
        for table, seen in zip(chunk, lab.run_numbers(numbers, len(chunk)), strict=True):
            assert seen.ending == 0, [str(p) for p in table]
            yield table, seen.words.tolist()[len(table) :]
