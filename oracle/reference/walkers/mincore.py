# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks that ask or change one kind of entry only: mincore_pte_range(), mm/mincore.c; guard_remove_pte_entry(),
mm/madvise.c."""

from __future__ import annotations

from oracle.reference.pte import MARKERS, NONE, Kind, Pte
from oracle.reference.walkers.machine import Machine


def in_core(pte: Pte) -> bool:
    """L9: whether a page is there, by the entry alone. A page on its way to another place is; nothing, or a marker,
    is not, in anonymous memory: of a file, and of what is on swap, the caches tell."""
    return not pte.none and pte.kind not in MARKERS


def remove_guard(machine: Machine, slot: int) -> None:
    """MADV_GUARD_REMOVE: the marker goes, everything else stays (S8)."""
    if machine.mm.tables[slot].kind is Kind.MARKER_GUARD:
        machine.mm.tables[slot] = NONE
