# SPDX-License-Identifier: GPL-2.0-or-later
"""The page table of a scenario as system calls see it: PTEs counted from the first of the range, folios by where they
have to begin, and an alignment that all of them can have.

What kernels allocate for a fault is aligned by its size in the address space (alloc_anon_folio(), mm/memory.c;
shmem_alloc_and_add_folio(), mm/shmem.c), and no anonymous folio has two pages (THP_ORDERS_ALL_ANON,
include/linux/huge_mm.h): where a scenario has one, four take its place; the further two are mapped like their
neighbour if there is room, else given back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from oracle.flavours import FLAVOURS, Flavour
from oracle.wire import AGENT, EXITS, Scenario, Slot, names
from reviewer.reproducing.model import DEVICE, INTERLEAVING, NO_TABLE, CannotError
from reviewer.reproducing.numbers import BEFORE, ON_FOLIO, checked, one_by_one

SWAP_CACHE_TYPE, SWAP_CACHE_SLOTS = 2, 512  # of a page in the swap cache, as in oracle/world/world.h
_SMALLEST = {"ANON": 2, "FILE": 1, "SHMEM": 1}
REFUSING = ("MARKER_POISON", "MARKER_GUARD")  # accesses
# Of a VMA, and what would have to be done for it.
_NO_VMA = {"HUGETLB": "hugetlb", "SHADOW": "a shadow stack", "DROPPABLE": "MAP_DROPPABLE", "UFFD_RWP": "uffd-rwp"}


@dataclass(frozen=True)
class Entry:
    """What a PTE holds at the start. kind, bits: words of wire.h, and CACHED of a swap entry whose page is in the swap
    cache; folio: its number, of swap entries the type; index: the page of the folio, of swap entries the offset."""

    kind: str
    bits: frozenset[str]
    folio: int
    index: int


@dataclass(frozen=True)
class Folio:
    """first: the PTE of its first page, whether mapped or not; order: as it is to be allocated."""

    kind: str
    bits: frozenset[str]
    first: int
    order: int

    @property
    def extent(self) -> range:
        return range(self.first, self.first + (1 << self.order))


@dataclass(frozen=True)
class Table:
    """entries: by PTE, the empty ones as well; vma: the PTEs of its VMA, asked: those that the call is for; offset:
    where in its page table PTE 0 is; folios: by the number that the scenario has for them, of those that are mapped or
    in the cache; huge: of those that a PMD maps, whose pages are among the entries all the same."""

    scenario: Scenario
    flavour: Flavour
    entries: Mapping[int, Entry]
    vma: range
    asked: range
    flags: frozenset[str]
    folios: Mapping[int, Folio]
    offset: int
    huge: frozenset[int]

    @property
    def anonymous(self) -> bool:
        """Whether no file is behind the VMA."""
        return "FILE" not in self.flags

    @property
    def wide(self) -> range:
        """The VMA and all pages of its folios."""
        ends = [e for f in self.folios.values() for e in (f.extent.start, f.extent.stop)]
        ends += [self.vma.start, self.vma.stop, min(self.entries), max(self.entries) + 1]
        return range(min(ends), max(ends))

    @property
    def inhabited(self) -> range:
        """The VMA, and its neighbours as far as they map anything."""
        beyond = [at for at, e in self.entries.items() if e.kind != "NONE"]
        return range(min([self.vma.start, *beyond]), max([self.vma.stop, *(at + 1 for at in beyond)]))

    def of(self, *kinds: str) -> list[int]:
        """PTEs that hold something of these kinds."""
        return [at for at, entry in self.entries.items() if entry.kind in kinds]

    @property
    def page_by_page(self) -> Folio | None:
        """The first folio of a whole page table that is mapped page by page, though a PMD could map it."""
        most = self.flavour.page_shift - 3
        return next((f for _, e, f in self.mapped() if f.order >= most and e.folio not in self.huge), None)

    @property
    def cuts_huge(self) -> bool:
        """Whether the range has a part of what a PMD maps: a call that splits the VMA there splits that as well."""
        return any(not set(self.folios[number].extent) <= set(self.asked) for number in self.huge)

    @property
    def closed(self) -> bool:
        """Whether the VMA is without access, so that none of its pages may be used. CannotError where some may: such
        entries are hints, in a VMA that may be accessed."""
        without = [
            "PROTNONE" in e.bits for at, e in self.entries.items() if at in self.vma and e.kind in ("PAGE", "ZERO")
        ]
        if any(without) and not all(without):
            raise CannotError(INTERLEAVING, "NUMA balancing protects entries when it comes to them")
        return any(without)

    @property
    def pages(self) -> range:
        """The PTEs of the whole page table that PTE 0 is in."""
        return range(-self.offset, (1 << (self.flavour.page_shift - 3)) - self.offset)

    def mapped(self, kind: str = "") -> Iterator[tuple[int, Entry, Folio]]:
        """PTEs that map a page, of a folio of a kind."""
        for at, entry in self.entries.items():
            if entry.kind == "PAGE" and (not kind or self.folios[entry.folio].kind == kind):
                yield at, entry, self.folios[entry.folio]


def runs(ptes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges [first, end) that cover just these."""
    first = end = None
    for at in sorted(ptes):
        if end != at:
            if first is not None and end is not None:
                yield first, end
            first = at
        end = at + 1
    if first is not None and end is not None:
        yield first, end


def _words(which: str, bits: int) -> frozenset[str]:
    return frozenset(name for n, name in enumerate(names(which)) if bits >> n & 1)


def table_of(scenario: Scenario, flavour: str) -> Table:
    """The table of a scenario. CannotError where no system calls lead to it."""
    checked(scenario, FLAVOURS[flavour])
    scenario, huge = one_by_one(scenario, FLAVOURS[flavour])
    flags = _words("VMA_BITS", scenario.vma)
    for flag, name in _NO_VMA.items():
        if flag in flags:
            raise CannotError(NO_TABLE, f"its VMA is of {name}, which no step brings about")
    if scenario.mm & 1:
        raise CannotError(NO_TABLE, "it is a table of the kernel's own")
    if scenario.mm & AGENT:
        raise CannotError(INTERLEAVING, "hardware sets accessed and dirty bits meanwhile")
    if scenario.mm & EXITS:
        raise CannotError(INTERLEAVING, "its process ends in the middle of the call")
    entries = {scenario.first - scenario.start + n: _entry(slot, scenario) for n, slot in enumerate(scenario.slots)}
    vma = range(scenario.vma_first - scenario.start, scenario.vma_end - scenario.start)
    places = _places(scenario, entries)
    what, offset = _aligned(scenario, places, FLAVOURS[flavour], entries)
    asked = range(scenario.end - scenario.start)
    return _filled(Table(scenario, FLAVOURS[flavour], entries, vma, asked, flags, what, offset, huge))


def _filled(table: Table) -> Table:
    """Pages that a folio has more than the scenario's are mapped like those next to them, where nothing else is."""
    entries, vma, asked = dict(table.entries), table.vma, table.asked
    for number, folio in table.folios.items():
        mine = [at for at, e in entries.items() if e.kind == "PAGE" and e.folio == number]
        more = sorted(set(folio.extent) - set(mine))
        if len(mine) != 1 << table.scenario.folios[number].order or any(at in entries or at in vma for at in more):
            continue
        for at in more:
            entries[at] = table.entries[min(mine, key=lambda near: abs(near - at))]
            if all(pte in table.vma for pte in mine):
                vma, asked = _with(vma, at), _with(asked, at)
    return replace(table, entries=dict(sorted(entries.items())), vma=vma, asked=asked)


def _with(ptes: range, at: int) -> range:
    """The range with a PTE next to it, or the pages of a folio that end there."""
    return range(min(ptes.start, at), max(ptes.stop, at + 1))


def _entry(slot: Slot, scenario: Scenario) -> Entry:
    kind, bits = names("SLOT_KINDS")[slot.kind], _words("SLOT_BITS", slot.bits)
    if kind == "DEV_PRIV":
        raise CannotError(DEVICE, "its page lies in a device's memory")
    if kind == "SPECIAL":
        raise CannotError(NO_TABLE, "no step brings a raw pfn about")
    if kind == "SWAPCACHED":
        folio = scenario.folios[slot.folio]
        if folio.order:
            raise CannotError(NO_TABLE, "no step leaves a large folio in the swap cache")
        return Entry("SWAP", bits | {"CACHED"}, SWAP_CACHE_TYPE, folio.pfn % SWAP_CACHE_SLOTS + slot.index)
    if kind in BEFORE:  # as it was before its migration began, which the call brings about
        kind, bits = "PAGE", bits - {"EXCL", "WRITE"} | BEFORE[kind]
    return Entry(kind, bits, slot.folio, slot.index)


def _places(scenario: Scenario, entries: Mapping[int, Entry]) -> dict[int, int]:
    """The PTE of the first page of each folio, by its number."""
    places: dict[int, int] = {}
    for at, entry in entries.items():
        if entry.kind in ON_FOLIO and places.setdefault(entry.folio, at - entry.index) != at - entry.index:
            raise CannotError(NO_TABLE, "a folio is mapped out of order, as where VMAs were moved by themselves")
    for number in places:
        bits = _words("FOLIO_BITS", scenario.folios[number].bits)
        if odd := bits & {"KSM", "WRITEBACK", "DEVICE", "HUGETLB"}:
            raise CannotError(NO_TABLE, f"no step makes a folio {', '.join(sorted(odd)).lower()}")
    return places


def _aligned(
    scenario: Scenario, places: Mapping[int, int], flavour: Flavour, entries: Mapping[int, Entry]
) -> tuple[dict[int, Folio], int]:
    """The folios as they can be allocated, and the offset of PTE 0 in its table: that of the scenario, if it can be."""
    per_table = 1 << (flavour.page_shift - 3)
    first, last = scenario.start // per_table, (scenario.end - 1) // per_table
    at_end = scenario.end % per_table == 0 or scenario.vma_end % per_table == 0
    fixed = at_end or first != last or any("CONT" in e.bits for e in entries.values())
    for by in (0,) if fixed else range(per_table):
        offset = (scenario.start + by) % per_table
        if first == last and offset + scenario.end - scenario.start > per_table:
            continue  # it lies in one table
        if found := _fitting(scenario, places, offset):
            if all(-offset <= f.extent.start and f.extent.stop <= 3 * per_table - offset for f in found.values()):
                return found, offset
        elif not places:
            return {}, offset
    raise CannotError(NO_TABLE, "its folios lie as no faults allocate them, and a mapping cannot be moved there")


def _fitting(scenario: Scenario, places: Mapping[int, int], offset: int) -> dict[int, Folio]:
    """The folios at an offset of PTE 0, empty where one does not fit: each aligned, and none in another's way."""
    found: dict[int, Folio] = {}
    taken: set[int] = set()
    for number, first in sorted(places.items(), key=lambda item: item[1]):
        folio = scenario.folios[number]
        kind = names("FOLIO_KINDS")[folio.kind]
        order = max(folio.order, _SMALLEST[kind]) if folio.order else 0
        start = first - (first + offset) % (1 << order)
        if start + (1 << order) < first + (1 << folio.order) or (order == folio.order and start != first):
            return {}
        made = Folio(kind, _words("FOLIO_BITS", folio.bits), start, order)
        if taken & set(made.extent):
            return {}
        taken |= set(made.extent)
        found[number] = made
    return found
