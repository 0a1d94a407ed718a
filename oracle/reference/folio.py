# SPDX-License-Identifier: GPL-2.0-or-later
"""Folios: pages with their counters, and the reverse map's operations on them.

Each page counts the entries that map it; a large folio also counts them all together, and how many of its pages are
mapped at all. Semantics: include/linux/rmap.h, mm/rmap.c, include/linux/mm.h.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from oracle.reference.pte import Pte, Violation

ZERO_PFN = 0x30000
"""pfn of the zero page; it has no counters."""


class FolioKind(Enum):
    """What the folio's contents are."""

    ANON = "anon"
    FILE = "file"
    SHMEM = "shmem"


_FLAGS = ("dirty", "locked", "lazyfree", "swapcache", "partially_mapped")


@dataclass
class Folio:
    """pfn: of its first page; order: log2 of its pages. mapcounts: entries that map each page. exclusive: pages
    with AnonExclusive. refs: references, one of them for each mapping. pins: of GUP, each is a reference as well.
    large_mapcount, nr_pages_mapped: kept by the operations below so that G2 can compare them with mapcounts."""

    kind: FolioKind
    pfn: int
    order: int = 0
    refs: int = 0
    pins: int = 0
    dirty: bool = False
    swapbacked: bool = True
    swapcache: bool = False
    locked: bool = False
    referenced: bool = False
    mlocked: bool = False
    isolated: bool = False
    """Somebody has it off the LRU lists."""
    ksm: bool = False
    writeback: bool = False
    partially_mapped: bool = False
    """Queued for deferred splitting (G5)."""
    maybe_shared: bool = False
    """More than one mm may map it."""
    large_mapcount: int = 0
    nr_pages_mapped: int = 0
    entire_mapcount: int = 0
    swap_offset: int = 0
    swap_type: int = 0
    """Swap offset of its first page while in the swap cache, and of which device (folio->swap)."""
    mapcounts: list[int] = field(default_factory=list)
    exclusive: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mapcounts = self.mapcounts or [0] * self.nr
        self.exclusive = self.exclusive or [False] * self.nr

    @property
    def nr(self) -> int:
        """Pages: folio_nr_pages()."""
        return 1 << self.order

    @property
    def large(self) -> bool:
        """folio_test_large()."""
        return self.order > 0

    @property
    def anon(self) -> bool:
        """folio_test_anon()."""
        return self.kind is FolioKind.ANON

    @property
    def lazyfree(self) -> bool:
        """Marked by MADV_FREE: anon and not swap-backed."""
        return self.anon and not self.swapbacked

    @property
    def mapcount(self) -> int:
        """folio_mapcount(): mappings of all its pages."""
        return sum(self.mapcounts) + self.entire_mapcount

    @property
    def maybe_pinned(self) -> bool:
        """folio_maybe_dma_pinned()."""
        return self.pins > 0

    @property
    def maybe_mapped_shared(self) -> bool:
        """folio_maybe_mapped_shared(): more than one mm may map it, as far as the counts tell."""
        return self.mapcount > 1 and (self.maybe_shared or self.mapcount > self.nr)

    def __str__(self) -> str:
        words = [name for name in _FLAGS if getattr(self, name)]
        words += [f"exclusive {[i for i, e in enumerate(self.exclusive) if e]}"] if any(self.exclusive) else []
        first = f"{self.kind.value} folio of {self.nr} from pfn {self.pfn:#x}, refs {self.refs}, pins {self.pins}"
        return ", ".join([first, f"mapcounts {self.mapcounts}", *words])

    def index(self, pfn: int) -> int:
        """Number of the page of that pfn within the folio: folio_page_idx(). Violates B12 when it has none."""
        if not 0 <= pfn - self.pfn < self.nr:
            raise Violation("B12", f"pfn {pfn:#x} is not of the folio at {self.pfn:#x}")
        return pfn - self.pfn

    def _pages(self, first: int, nr: int) -> range:
        """G1: a batch of pages lies in its folio."""
        if nr < 1 or first < 0 or first + nr > self.nr:
            raise Violation("G1", f"pages {first}..{first + nr - 1} of a folio of {self.nr}")
        return range(first, first + nr)

    def get(self, nr: int = 1) -> None:
        """folio_ref_add()."""
        self.refs += nr

    def put(self, nr: int = 1) -> None:
        """folio_put_refs(). Violates G3 when fewer are left than there are mappings to hold them, or below none."""
        self.refs -= nr
        if self.refs < 0:
            raise Violation("G3", f"{self.refs} references")

    def add_rmap(self, first: int, nr: int = 1, exclusive: bool = False) -> None:
        """folio_add_anon_rmap_ptes() (exclusive: RMAP_EXCLUSIVE), folio_add_file_rmap_ptes(): nr pages gain a
        mapping each. E7: exclusive marks every page of the range, not the first only."""
        for i in self._pages(first, nr):
            self.nr_pages_mapped += self.mapcounts[i] == 0
            self.mapcounts[i] += 1
            if exclusive:
                self.exclusive[i] = True
        self.large_mapcount += nr

    def remove_rmap(self, first: int, nr: int = 1) -> None:
        """folio_remove_rmap_ptes(). AnonExclusive stays, as in the kernel. G5: a large anon folio that stays
        mapped in part is queued for splitting (mm/rmap.c __folio_remove_rmap)."""
        for i in self._pages(first, nr):
            if self.mapcounts[i] == 0:
                raise Violation("G2", f"page {i} has no mapping to remove")
            self.mapcounts[i] -= 1
            self.nr_pages_mapped -= self.mapcounts[i] == 0
        self.large_mapcount -= nr
        if self.large and self.anon and 0 < self.mapcount < self.nr:
            self.partially_mapped = True

    def try_dup_anon_rmap(self, first: int, nr: int = 1) -> bool:
        """folio_try_dup_anon_rmap_ptes(), at fork: False, and nothing done, when an exclusive page of the range
        may be pinned; else each page gains a mapping and none of them stays exclusive (E3)."""
        pages = self._pages(first, nr)
        if self.maybe_pinned and any(self.exclusive[i] for i in pages):
            return False
        self.add_rmap(first, nr)
        for i in pages:
            self.exclusive[i] = False
        return True

    def try_share_anon_rmap(self, first: int, nr: int = 1) -> bool:
        """folio_try_share_anon_rmap_pte(), before an entry becomes a swap or read-only migration entry: False when
        the folio may be pinned; else the pages stay mapped and are no longer exclusive (E5). They are before: the
        kernel warns otherwise."""
        pages = self._pages(first, nr)
        for i in pages:
            if not self.exclusive[i]:
                raise Violation("E5", f"page {i} is not exclusive, there is nothing to give up")
        if self.maybe_pinned:
            return False
        for i in pages:
            self.exclusive[i] = False
        return True

    def check(self) -> None:
        """What always holds: G2 (the counters agree), G3 (a reference for each mapping), E6 (exclusive: mapped at
        most once). Raises the Violation."""
        if self.large_mapcount != self.mapcount - self.entire_mapcount:
            raise Violation("G2", f"large_mapcount {self.large_mapcount}, pages say {self.mapcount}")
        if self.nr_pages_mapped != sum(count > 0 for count in self.mapcounts):
            raise Violation("G2", f"nr_pages_mapped {self.nr_pages_mapped} does not count the mapped pages")
        if self.refs < self.mapcount:
            raise Violation("G3", f"{self.refs} references for {self.mapcount} mappings")
        for i, shared in enumerate(self.mapcounts):
            if self.exclusive[i] and shared > 1:
                raise Violation("E6", f"page {i} is exclusive and mapped {shared} times")


class Memory:
    """The folios there are, found by pfn: what pfn_to_page() and page_folio() do."""

    def __init__(self, folios: Iterable[Folio] = ()) -> None:
        self.folios: list[Folio] = []
        self._of: dict[int, Folio] = {}
        for folio in folios:
            self.add(folio)

    def __iter__(self) -> Iterator[Folio]:
        return iter(self.folios)

    def add(self, folio: Folio) -> Folio:
        """One more; pages of two folios may not coincide (ValueError)."""
        for pfn in range(folio.pfn, folio.pfn + folio.nr):
            if pfn in self._of:
                raise ValueError(f"pfn {pfn:#x} is in two folios")
            self._of[pfn] = folio
        self.folios.append(folio)
        return folio

    @staticmethod
    def splits(folio: Folio, caller: int) -> bool:
        """Whether nothing but mappings, caches and `caller` ones hold it: folio_expected_ref_count()."""
        cached = folio.swapcache if folio.anon else True
        return folio.refs == folio.mapcount + cached * folio.nr + caller

    def split(self, folio: Folio, caller: int = 1) -> bool:
        """split_folio(), mm/huge_memory.c: each page becomes a folio of its own, flags as before, only the first one
        locked. False, and nothing done, while there are references beyond mappings, caches and `caller` ones, which
        stay with the first page."""
        if not self.splits(folio, caller):
            return False
        cached = folio.swapcache if folio.anon else True
        self.folios.remove(folio)
        for i in range(folio.nr):
            own = replace(
                folio, pfn=folio.pfn + i, order=0, locked=folio.locked and i == 0, partially_mapped=False,
                refs=folio.mapcounts[i] + cached + (caller if i == 0 else 0), large_mapcount=folio.mapcounts[i],
                nr_pages_mapped=int(folio.mapcounts[i] > 0), swap_offset=folio.swap_offset + i,
                mapcounts=[folio.mapcounts[i]], exclusive=[folio.exclusive[i]],
            )  # fmt: skip
            self.folios.append(own)
            self._of[own.pfn] = own
        return True

    def folio(self, pfn: int) -> Folio | None:
        """pfn_folio(), None when no memory of ours is there."""
        return self._of.get(pfn)

    def normal(self, pte: Pte) -> Folio | None:
        """vm_normal_folio() of a present entry: None for special ones (zero page, PFN maps): G7."""
        return None if pte.special else self._of.get(pte.pfn)
