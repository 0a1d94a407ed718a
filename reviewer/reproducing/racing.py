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
    """The call, with another thread beside it. CannotError where that does not free the table."""
    pages = table.pages
    if not table.anonymous:
        raise CannotError(INTERLEAVING, "the table of a file goes while it is walked, to khugepaged")
    if pages.start < table.vma.start or table.vma.stop < pages.stop:
        raise CannotError(INTERLEAVING, "its table goes while it is walked, of which its VMA has a part only")
    if any(e.kind not in ("NONE", "PAGE", "ZERO") or "WP" in e.bits for e in table.entries.values()):
        raise CannotError(INTERLEAVING, "its table goes while it is walked, and takes too long to be made often")
    return replace(call, drops=pages, alone=True, needs=call.needs.and_of(_NEEDS))
