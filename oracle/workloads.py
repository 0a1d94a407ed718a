# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixed work to count operations on: ranges of the classes of memory that differ in cost.

Folios lie aligned, one behind the other, all of their PTEs alike, folded on arm64 where a whole block fits. They are
anonymous, a file's, swap cache, ...: the runner refuses what does not fit the entry, and where two guises are
one thing to the user, cost.py takes the first that makes the entry work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from oracle.entries import Entry
from oracle.wire import Folio, Scenario, Slot, mask, names

SIZES = (16, 64, 256, 512)
_ALIKE = mask("SLOT_BITS", "DIRTY", "YOUNG", "SOFT")
_WRITE, _EXCL, _CONT, _PROTNONE, _SOFT = (
    mask("SLOT_BITS", bit) for bit in ("WRITE", "EXCL", "CONT", "PROTNONE", "SOFT")
)
_PAGES = 4096 - 512  # of the simulated memory, less what an entry may allocate


@dataclass(frozen=True)
class Workload:
    """folios: the class, for people; state: what its folios are. ptes: how many the range has. guises: the same work,
    of which one fits the entry. part: what a call of the entry is to the user where it takes several for the range
    (Entry.part)."""

    folios: str
    state: str
    ptes: int
    guises: tuple[Scenario, ...]
    part: str = ""


@dataclass(frozen=True)
class _Class:
    """orders: of the folios, repeated. half: every other page shared once, none writable, as after fork and faults.
    inset: the range starts and ends in the middle of a block."""

    name: str
    orders: tuple[int, ...]
    half: bool = False
    inset: bool = False


_CLASSES = (
    _Class("order 0", (0,)),
    _Class("16K", (2,)),
    _Class("64K", (4,)),
    _Class("64K from and to the middle", (4,), inset=True),
    _Class("2M by PTEs", (9,)),
    _Class("half-exclusive 2M", (9,), half=True),
    _Class("mixed orders", (4, 2, 2, *(0,) * 8)),
)


@dataclass(frozen=True)
class _Guise:
    """name: for people. vma, folio: bits of theirs; kind: of the folios; slot: of the entries; keeps, adds: which bits
    of PTEs fit, and which have to be there; how: the entry's option of that name."""

    name: str
    vma: int
    folio: int
    kind: str = "ANON"
    slot: str = "PAGE"
    keeps: int = 0xFF
    adds: int = 0
    how: int = 0


_ANON = mask("VMA_BITS", "WRITE", "ANON_VMA")
_SHARED = mask("VMA_BITS", "WRITE", "ANON_VMA", "SHARED", "FILE")
_SWAPBACKED = mask("FOLIO_BITS", "SWAPBACKED")
_SWAPCACHE = mask("FOLIO_BITS", "SWAPBACKED", "SWAPCACHE")
_LOCKED = mask("FOLIO_BITS", "LOCKED")
_MAPPED = (
    _Guise("", _ANON, _SWAPBACKED),
    _Guise("", _ANON, _SWAPCACHE | _LOCKED),
    _Guise("file", _SHARED, 0, "FILE", keeps=0xFF & ~_EXCL),
    _Guise("file", _SHARED, _LOCKED, "FILE", keeps=0xFF & ~_EXCL),
    _Guise("migrating", _ANON, _SWAPBACKED | _LOCKED, slot="MIG_WRITE", keeps=_ALIKE),
)
_FOUND = (
    _Guise("file write", _SHARED, 0, "FILE", "CACHED", keeps=0, how=1),
    _Guise("file read", _SHARED, 0, "FILE", "CACHED", keeps=0),
    _Guise("swap cache", _ANON, _SWAPCACHE, slot="SWAPCACHED", keeps=_SOFT | _EXCL),
    _Guise("NUMA hint", _ANON, _SWAPBACKED, keeps=0xFF & ~_WRITE, adds=_PROTNONE),
    _Guise("write fault", _ANON, _SWAPBACKED, keeps=0xFF & ~_WRITE, how=1),
    _Guise("first write", _ANON, _SWAPBACKED, slot="NONE", keeps=0, how=1),
)


def workloads(entry: Entry, block: int) -> tuple[Workload, ...]:
    """What to count an entry's operations on. block: PTEs of a contpte block, 1 for none."""
    how = entry.options.index("how") if entry.part == "fault" and "how" in entry.options else None
    return _workloads(entry.part, how, block) if entry.measured else ()


@cache
def _workloads(part: str, how: int | None, block: int) -> tuple[Workload, ...]:
    """how: the number of the option of that name."""
    guises = _MAPPED if part in ("", "walk") else _FOUND
    # What is not mapped yet is neither shared nor folded.
    classes = [c for c in _CLASSES if guises is _MAPPED or not (c.half or c.inset)]
    made = []
    for name, alike in groupby(guises, lambda g: g.name):
        chosen = tuple(alike)
        for kind in classes:
            folios = f"{kind.name} ({name})" if name else kind.name
            for ptes in SIZES:
                ranges = tuple(_range(kind, ptes, block, g, how) for g in chosen)
                made.append(Workload(folios, name, ptes, ranges, part))
    if not part:
        made += [Workload("swap entries", "swapped out", ptes, (_swap(ptes),)) for ptes in SIZES]
    return tuple(made)


def _range(kind: _Class, ptes: int, block: int, guise: _Guise, how: int | None) -> Scenario:
    """The class in a guise; with an inset half a block more is mapped on both sides of the range."""
    start = max(block, 16) // 2 if kind.inset else 0
    folios, places = _folios(kind.orders, ptes + 2 * start, guise)
    alike = _ALIKE | (_EXCL if kind.half else _EXCL | _WRITE)
    what = names("SLOT_KINDS").index(guise.slot)
    slots = []
    for n, place in enumerate(places):
        bits = (alike & ~_EXCL if kind.half and n % 2 else alike) & guise.keeps | guise.adds
        bits |= _cont(folios, place, n, len(places), block) if guise.slot == "PAGE" else 0
        slots.append(Slot(what, bits, *place) if guise.slot != "NONE" else Slot())
    options = tuple(guise.how if n == how else 0 for n in range(8))
    return Scenario(guise.vma, 0, 0, start, start + ptes, 0, len(slots), 0, options, folios, tuple(slots))


def _swap(ptes: int) -> Scenario:
    """Swap entries of one device, one after the other, from its first page on."""
    swap = names("SLOT_KINDS").index("SWAP")
    slots = tuple(Slot(swap, _SOFT, 0, 1 + n) for n in range(ptes))
    return Scenario(_ANON, 0, 0, 0, ptes, 0, ptes, 0, (0,) * 8, (), slots)


def _folios(orders: Sequence[int], ptes: int, guise: _Guise) -> tuple[tuple[Folio, ...], list[tuple[int, int]]]:
    """Folios one behind the other, and for each PTE the number of its folio and the page in there."""
    folios: list[Folio] = []
    places: list[tuple[int, int]] = []
    kind = names("FOLIO_KINDS").index(guise.kind)
    at = 16
    while len(places) < ptes:
        order = orders[len(folios) % len(orders)]
        at = -(-at >> order) << order
        places += [(len(folios), k) for k in range(1 << order)]
        folios.append(Folio(kind, order, guise.folio, at))
        at += 1 << order
    assert at <= _PAGES
    return tuple(folios), places[:ptes]


def _cont(folios: Sequence[Folio], place: tuple[int, int], slot: int, slots: int, block: int) -> int:
    """The contiguous bit, where all of the block around a slot maps a block of one folio."""
    folio, page = place
    whole = slot // block * block + block <= slots and 1 << folios[folio].order >= block
    aligned = (folios[folio].pfn + page - slot) % block == 0
    return _CONT if block > 1 and whole and aligned else 0
