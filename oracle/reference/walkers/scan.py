# SPDX-License-Identifier: GPL-2.0-or-later
"""The PAGEMAP_SCAN ioctl, page by page: pagemap_scan_pmd_entry(), fs/proc/task_mmu.c. It tells of regions of pages of a
kind, and protects those that were written, so that the next scan tells of what is written from now on."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.reference.folio import ZERO_PFN
from oracle.reference.pte import SOFT_DIRTY, UFFD_WP, Kind, Pte
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.smaps import page_of

WPALLOWED, WRITTEN, FILE, IS_PRESENT, SWAPPED, PFNZERO, HUGE, SOFT, IS_GUARD, ACCESSED = (1 << n for n in range(10))


@dataclass(frozen=True)
class Asked:
    """mask: all of these; inverted: which of them are asked not to be; anyof: one of these, if any; told: which are
    told of. vma: what is so of all pages of the VMA. regions, pages: the room for an answer; None: none is wanted.
    protect: what was written, or all, where no answer is wanted."""

    mask: int
    inverted: int
    anyof: int
    told: int
    vma: int
    regions: int | None
    pages: int
    protect: bool

    def wants(self, category: int) -> bool:
        """pagemap_scan_is_interesting_page()"""
        category ^= self.inverted
        return category & self.mask == self.mask and (not self.anyof or bool(category & self.anyof))


@dataclass
class Answer:
    """regions: (start, end, categories), by slot; stop: the slot for which there was no room."""

    regions: list[tuple[int, int, int]] = field(default_factory=list)
    pages: int = 0
    stop: int | None = None

    def add(self, slot: int, category: int, asked: Asked) -> bool:
        """A page goes into the region before it, if that is alike. Whether there was room."""
        if asked.regions is None:
            return True
        last = self.regions[-1] if self.regions else None
        joins = last is not None and last[1:] == (slot, category & asked.told)
        if self.pages == asked.pages or (not joins and len(self.regions) == asked.regions):
            self.stop = slot
            return False
        first = self.regions.pop()[0] if joins else slot
        self.regions.append((first, slot + 1, category & asked.told))
        self.pages += 1
        return True


def category_of(machine: Machine, pte: Pte, files: bool) -> int:
    """L12: what one page is, by its entry. files: whether that is asked, for which its folio is looked at."""
    written = WRITTEN if machine.vma.uffd_wp or not machine.kernel.written_where_asked else 0
    accessed = ACCESSED if machine.vma.uffd_rwp and machine.kernel.written_where_asked else 0
    if pte.none:
        return written
    folio = page_of(machine, pte)
    found = IS_PRESENT if pte.present else SWAPPED
    found |= 0 if pte.bits & UFFD_WP or pte.kind is Kind.MARKER_UFFD_WP else written | accessed
    found |= FILE * (files and folio is not None and not folio.anon)
    found |= PFNZERO * (pte.present and pte.pfn == ZERO_PFN) | SOFT * bool(pte.bits & SOFT_DIRTY)
    return found | IS_GUARD * (pte.kind is Kind.MARKER_GUARD)


def scan(machine: Machine, start: int, end: int, asked: Asked) -> Answer:
    """Tell of the pages of [start, end), until there is no room. Who wants no answer has all protected."""
    answer, tables = Answer(), machine.mm.tables
    for slot in range(start, end):
        pte = tables[slot]
        category = asked.vma | category_of(machine, pte, bool((asked.mask | asked.anyof | asked.told) & FILE))
        if not (asked.protect and asked.regions is None) and not asked.wants(category):
            continue
        if not answer.add(slot, category, asked):
            break
        if asked.protect and category & WRITTEN:
            tables[slot] = Pte(Kind.MARKER_UFFD_WP) if pte.none else machine.kernel.mkuffd_wp(pte)
    return answer
