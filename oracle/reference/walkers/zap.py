# SPDX-License-Identifier: GPL-2.0-or-later
"""munmap, truncation and exit: zap_pte_range(), mm/memory.c. What an entry holds is given back, once.

What the entry alone knows goes to the folio first: that it was written to, for a file's page (D1), and that it was
used (D2). For anonymous memory nobody will read it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from oracle.reference.folio import Folio
from oracle.reference.pte import MARKERS, MIGRATION, NONE, UFFD_WP, Kind, Pte
from oracle.reference.table import Rss, Vma, rss_of
from oracle.reference.walkers.machine import Machine

_DEVICE = (Kind.DEVICE_EXCLUSIVE, Kind.DEVICE_PRIVATE)


@dataclass(frozen=True)
class Zap:
    """struct zap_details. keep_cows: private copies stay (truncation of the file beneath them). drop_markers: what
    is zapped leaves no trace (ZAP_FLAG_DROP_MARKER). free_table: free the table when it ends up empty."""

    keep_cows: bool = False
    drop_markers: bool = False
    free_table: bool = False


def marker_after(pte: Pte, vma: Vma, drop: bool) -> Pte:
    """What stays of an entry that is cleared: D7, userfaultfd's protection of a file's page outlives the mapping, as
    a marker (pte_install_uffd_wp_if_needed(), include/linux/mm_inline.h; cond_install_uffd_wp_ptes() from 7.3 on)."""
    protected = bool(pte.bits & UFFD_WP) or pte.kind is Kind.MARKER_UFFD_WP
    if protected and vma.file and vma.uffd_wp and not drop:
        return Pte(Kind.MARKER_UFFD_WP)
    return NONE


def zap_present(machine: Machine, pte: Pte, details: Zap) -> bool:
    """A mapping goes: zap_present_ptes(). False when it has to stay. G7: behind a special entry is nothing to count."""
    folio = machine.memory.normal(pte)
    if folio is None:
        return True
    if details.keep_cows and folio.anon:
        return False
    if not folio.anon:
        folio.dirty |= pte.dirty
        folio.referenced |= pte.young
    machine.mm.count(rss_of(folio), -1)
    folio.remove_rmap(folio.index(pte.pfn))
    folio.put()  # once the TLB is flushed: T1
    return True


def zap_device(machine: Machine, folio: Folio, pte: Pte) -> None:
    """A page that a device has counts as a mapping; one that it uses alone is only a reference in older kernels."""
    machine.mm.count(rss_of(folio), -1)
    if pte.kind is Kind.DEVICE_PRIVATE or machine.kernel.device_mapped:
        folio.remove_rmap(folio.index(pte.pfn))
    folio.put()


def zap_nonpresent(machine: Machine, pte: Pte, details: Zap) -> bool:
    """Entries in swap form, by type (F5): zap_nonpresent_ptes(). False when the entry has to stay."""
    if pte.kind is Kind.SWAP:
        if details.keep_cows:
            return False
        machine.mm.count(Rss.SWAP, -1)
        machine.swap.free(pte)
    elif pte.kind in (*MIGRATION, *_DEVICE):
        folio = machine.folio_of(pte)
        if details.keep_cows and folio.anon:
            return False
        if pte.kind in _DEVICE:
            zap_device(machine, folio, pte)
        else:  # the migration holds the reference and the mapping is gone already
            machine.mm.count(rss_of(folio), -1)
    elif pte.kind is Kind.MARKER_UFFD_WP:
        return not machine.vma.file or details.drop_markers
    elif pte.kind is Kind.MARKER_GUARD:
        return details.drop_markers
    elif pte.kind in MARKERS or pte.kind is Kind.HWPOISON:
        return not details.keep_cows
    return True


def zap_one(machine: Machine, slot: int, details: Zap) -> None:
    """One entry. The marker comes after the entry is cleared, never on top of a mapping."""
    tables = machine.mm.tables
    pte = tables[slot]
    if pte.none:
        return
    goes = zap_present(machine, pte, details) if pte.present else zap_nonpresent(machine, pte, details)
    if goes:
        tables[slot] = NONE
        tables[slot] = marker_after(pte, machine.vma, details.drop_markers)


def zap(machine: Machine, start: int, end: int, details: Zap) -> bool:
    """Zap [start, end). True when the page table itself can go: all of it was zapped and nothing is left in it."""
    for slot in range(start, end):
        zap_one(machine, slot, details)
    tables = machine.mm.tables
    whole = end - start >= tables.slots
    return (
        machine.kernel.frees_tables and details.free_table and whole and all(tables[s].none for s in range(start, end))
    )
