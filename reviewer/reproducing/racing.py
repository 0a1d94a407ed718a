# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls in which the page table goes while it is walked: another thread drops its range meanwhile.

MADV_DONTNEED needs the mmap lock for reading only, as such a call does, and frees the tables that it empties
(CONFIG_PT_RECLAIM, zap_empty_pte_table() in mm/memory.c). Which moment it takes is up to chance, so that the table is
made and the call tried again and again; what is looked at is what is left when all is unmapped."""

from __future__ import annotations

from dataclasses import replace

from reviewer.reproducing.model import INTERLEAVING, Calling, CannotError, Needs
from reviewer.reproducing.table import Table

# Words of calls.CALLS, or of "advise", for walks with the mmap lock held for reading.
SHARING = ("cold", "advise", "mincore", "scan")
_NEEDS = Needs(("PT_RECLAIM", "ADVISE_SYSCALLS"))


def raced(table: Table, call: Calling) -> Calling:
    """The call, with another thread beside it, of a VMA that has all of the table (alone_in()): what goes beyond the
    range is no matter to a walk. CannotError where that does not free the table."""
    pages = table.pages
    if not table.anonymous:
        raise CannotError(INTERLEAVING, "the table of a file goes while it is walked, to khugepaged")
    if any(e.kind != "NONE" and at not in table.vma for at, e in table.entries.items()):
        raise CannotError(INTERLEAVING, "its table goes while it is walked, of which a neighbour has a part")
    often = all(e.kind in ("NONE", "PAGE", "ZERO") and "WP" not in e.bits for e in table.entries.values())
    if "LOCKED" in table.flags:
        raise CannotError(INTERLEAVING, "its table goes while it is walked, which an mlocked VMA keeps")
    if not often or any("PINNED" in folio.bits for _, _, folio in table.mapped()):
        raise CannotError(INTERLEAVING, "its table goes while it is walked, and takes too long to be made often")
    return replace(call, drops=pages, alone=True, needs=call.needs.and_of(_NEEDS))


def alone_in(table: Table) -> Table:
    """The table as its VMA's alone: so it goes when that is dropped."""
    vma = range(min(table.vma.start, table.pages.start), max(table.vma.stop, table.pages.stop))
    return replace(table, vma=vma)
