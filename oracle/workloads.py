"""Fixed work to count operations on: ranges of the classes of memory that differ in cost, and faults in a row.

Folios lie aligned, one behind the other, all of their PTEs alike, folded on arm64 where a whole block fits. What kind
of memory an entry takes (anonymous, about to be unmapped, a file's) is tried in turn: the runner refuses the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oracle.entries import Entry
from oracle.wire import Folio, Scenario, Slot, mask, names

SIZES = (16, 64, 256, 512)
_PAGE, _CACHED, _SWAP = (names("SLOT_KINDS").index(kind) for kind in ("PAGE", "CACHED", "SWAP"))
_ALIKE = mask("SLOT_BITS", "DIRTY", "YOUNG", "SOFT")
_WRITE, _EXCL, _CONT = (mask("SLOT_BITS", bit) for bit in ("WRITE", "EXCL", "CONT"))
_PAGES = 4096 - 512  # of the simulated memory, less what an entry may allocate
_FAULTS = frozenset({"do_fault.h", "finish_fault.h"})


@dataclass(frozen=True)
class Workload:
    """folios: the class, for people. ptes: how many PTEs the parts, run one after the other, work on. A part holds the
    same work in several guises, of which one fits the entry."""

    folios: str
    ptes: int
    parts: tuple[tuple[Scenario, ...], ...]


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
    """vma, folio: bits of theirs; kind: of the folios; keeps: which bits of PTEs fit."""

    vma: int
    folio: int
    kind: int = 0
    keeps: int = 0xFF


_ANON = mask("VMA_BITS", "WRITE", "ANON_VMA")
_GUISES = (
    _Guise(_ANON, mask("FOLIO_BITS", "SWAPBACKED")),
    _Guise(_ANON, mask("FOLIO_BITS", "SWAPBACKED", "SWAPCACHE", "LOCKED")),
    _Guise(_ANON | mask("VMA_BITS", "SHARED", "FILE"), 0, names("FOLIO_KINDS").index("FILE"), 0xFF & ~_EXCL),
)


def workloads(entry: Entry, block: int) -> Iterator[Workload]:
    """What to count an entry's operations on. block: PTEs of a contpte block, 1 for none."""
    if entry.measured:
        for kind in _CLASSES:
            for ptes in SIZES:
                yield Workload(kind.name, ptes, (tuple(_range(kind, ptes, block, g) for g in _GUISES),))
        for ptes in SIZES:
            yield Workload("swap entries", ptes, ((_swap(ptes),),))
    elif entry.adapter in _FAULTS:
        yield Workload("64K, faulted in page by page", 16, tuple((_fault(k),) for k in range(16)))


def _range(kind: _Class, ptes: int, block: int, guise: _Guise) -> Scenario:
    """The class in a guise; with an inset half a block more is mapped on both sides of the range."""
    start = max(block, 16) // 2 if kind.inset else 0
    folios, places = _folios(kind.orders, ptes + 2 * start, guise)
    alike = _ALIKE | (_EXCL if kind.half else _EXCL | _WRITE)
    slots = []
    for n, place in enumerate(places):
        bits = (alike & ~_EXCL if kind.half and n % 2 else alike) & guise.keeps
        slots.append(Slot(_PAGE, bits | _cont(folios, place, n, len(places), block), *place))
    return Scenario(guise.vma, 0, 0, start, start + ptes, 0, len(slots), 0, (0,) * 8, folios, tuple(slots))


def _swap(ptes: int) -> Scenario:
    """Swap entries of one device, one after the other, from its first page on."""
    slots = tuple(Slot(_SWAP, mask("SLOT_BITS", "SOFT"), 0, 1 + n) for n in range(ptes))
    return Scenario(_ANON, 0, 0, 0, ptes, 0, ptes, 0, (0,) * 8, (), slots)


def _folios(orders: Sequence[int], ptes: int, guise: _Guise) -> tuple[tuple[Folio, ...], list[tuple[int, int]]]:
    """Folios one behind the other, and for each PTE the number of its folio and the page in there."""
    folios: list[Folio] = []
    places: list[tuple[int, int]] = []
    at = 16
    while len(places) < ptes:
        order = orders[len(folios) % len(orders)]
        at = -(-at >> order) << order
        places += [(len(folios), k) for k in range(1 << order)]
        folios.append(Folio(guise.kind, order, guise.folio, at))
        at += 1 << order
    assert at <= _PAGES
    return tuple(folios), places[:ptes]


def _cont(folios: Sequence[Folio], place: tuple[int, int], slot: int, slots: int, block: int) -> int:
    """The contiguous bit, where all of the block around a slot maps a block of one folio."""
    folio, page = place
    whole = slot // block * block + block <= slots and 1 << folios[folio].order >= block
    aligned = (folios[folio].pfn + page - slot) % block == 0
    return _CONT if block > 1 and whole and aligned else 0


def _fault(page: int) -> Scenario:
    """A write to a page of a shared file's 64K folio whose earlier pages are mapped, as page_fault3 makes them."""
    guise = _GUISES[-1]
    bits = (_ALIKE | _WRITE) & guise.keeps
    slots = tuple(Slot(_PAGE, bits, 0, k) if k < page else Slot(_CACHED, 0, 0, k) for k in range(16))
    options = (0, 0, 1, *(0,) * 5)
    return Scenario(guise.vma, 0, 0, page, page + 1, 0, 16, 0, options, (Folio(guise.kind, 4, guise.folio, 16),), slots)
