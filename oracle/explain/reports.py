# SPDX-License-Identifier: GPL-2.0-or-later
"""How what /proc tells and forgets of a range is called on a scenario."""

from __future__ import annotations

from oracle.explain.start import PFN_BASE
from oracle.explain.state import Results, digest, lru_of
from oracle.reference.folio import Folio
from oracle.reference.pte import Kind, Pte
from oracle.reference.walkers.clear_refs import forget_use, forget_write
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.pagemap import word
from oracle.reference.walkers.scan import SOFT, WPALLOWED, WRITTEN, Asked, scan
from oracle.reference.walkers.smaps import taken
from oracle.wire import Scenario

_ALL = (1 << 10) - 1  # categories of PAGEMAP_SCAN
_COUNTS = """
    resident shared_clean shared_dirty private_clean private_dirty referenced anonymous lazyfree anonymous_thp
    shmem_thp file_thp swap ksm pss pss_anon pss_file pss_shmem pss_dirty pss_locked swap_pss
""".split()


def forget(machine: Machine, scenario: Scenario) -> Results:
    """clear_refs_pte_range.h"""
    writes = bool(scenario.options[0] & 1)
    machine.vma.soft_dirty &= not writes
    for slot in range(scenario.start, scenario.end):
        (forget_write if writes else forget_use)(machine, slot)
    return {"returns": 0}


def _third(pte: Pte) -> bool:
    """w_share_pages() of told.h: the pages that a child maps, too."""
    return (pte.pfn - PFN_BASE) % 3 == 0


def words(machine: Machine, scenario: Scenario) -> Results:
    """pagemap_pmd_range.h: how many words, and all as one number; a full buffer ends the walk."""
    how, n = scenario.options[0], scenario.end - scenario.start
    ptes = machine.mm.tables.entries[scenario.start : scenario.end]
    said = digest(word(machine, pte, int(bool(how & 2) and _third(pte)), not how & 1) for pte in ptes)
    return {"returns": int(n == machine.kernel.slots), "result 0": n, "result 1": said}


def categories(how: int, what: int) -> tuple[int, int, int, int]:
    """w_ask() of pagemap_scan.h: the masks of categories that have to be there, the inverted ones, of which one has to
    be there, and which are told of."""
    if how & 4:
        return WRITTEN, 0, 0, WRITTEN
    mask = 1 << what % 9 if what & 16 else 0
    inverted = 1 << (what >> 8) % 9 if what & 32 else 0
    anyof = what >> 12 & _ALL if what & 64 else 0
    return mask, inverted, anyof, what >> 16 & _ALL if what & 128 else _ALL


def _asked(machine: Machine, scenario: Scenario) -> Asked:
    """What is asked for, and what the adapter makes of the other options."""
    how, what, room = scenario.options[:3]
    tracks = machine.vma.uffd_wp and (machine.vma.file or bool(scenario.salt >> 6 & 1))
    vma = (WPALLOWED if tracks else 0) | (SOFT if machine.vma.soft_dirty else 0)
    regions = None if how & 2 else 1 + (room >> 9 & 7) if room & 256 else machine.kernel.slots
    pages = 1 + (room >> 1 & 63) if room & 1 else 1 << 64
    return Asked(*categories(how, what), vma, regions, pages, bool(how & 1))


def regions(machine: Machine, scenario: Scenario) -> Results:
    """pagemap_scan_pmd_entry.h: pages told of, and all regions as one number."""
    asked = _asked(machine, scenario)
    if asked.protect and not asked.vma & WPALLOWED:
        return {"returns": 0}
    answer, zero = scan(machine, scenario.start, scenario.end, asked), scenario.start
    said = digest(n for start, end, categories in answer.regions for n in (start - zero, end - zero, categories))
    full = answer.stop is not None
    return {"returns": -28 if full else 0, "result 0": answer.pages, "result 1": said}  # -ENOSPC


def sizes(machine: Machine, scenario: Scenario) -> Results:
    """smaps_pte_range.h: resident and swapped pages, and all counters as one number."""
    how = scenario.options[0]
    machine.vma.locked |= how & 3 == 3
    lru = lru_of(scenario, scenario.options[1])
    marked = {PFN_BASE + folio.pfn for folio, known in zip(scenario.folios, lru, strict=True) if known.young}

    def young(folio: Folio) -> bool:
        return folio.pfn in marked

    def sharers(pte: Pte) -> int:
        """w_share_swap(), w_share_pages()"""
        if pte.kind is Kind.SWAP:
            return int(bool(how & 4) and pte.pfn % 3 == 0)
        return int(bool(how & 8) and _third(pte))

    found = taken(machine, scenario.start, scenario.end, young, sharers)
    resident, swapped = (found[name] // machine.kernel.page_size for name in ("resident", "swap"))
    return {"returns": 0, "result 0": resident, "result 1": swapped, "result 2": digest(found[n] for n in _COUNTS)}
