# SPDX-License-Identifier: GPL-2.0-or-later
"""Reclaim's question whether a folio was used: folio_referenced_one(), mm/rmap.c, and walk_pte_range(), mm/vmscan.c, of
the multi-generational LRU; and userspace's: page_idle_clear_pte_refs_one(), mm/page_idle.c.

The accessed bits are the answer and are cleared with it. No flush follows (T10): a translation that a CPU still
holds hides a use for a while, and no data is lost by that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.reference.folio import Folio
from oracle.reference.pte import YOUNG
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.unmap import maps


@dataclass(frozen=True)
class Used:
    """any: at least one entry was young, whichever of a batch it is (S9). locked: the VMA is mlocked, the folio is to
    be kept whatever the bits say. entries: how many map it here."""

    any: bool
    locked: bool
    entries: int


def mapped_at(machine: Machine, folio: Folio, first: int) -> list[int]:
    """The slots of the VMA that map the folio, whose first page would be at slot `first`."""
    slots = range(max(first, machine.vma.start), min(first + folio.nr, machine.vma.end))
    return [s for s in slots if maps(machine, machine.mm.tables[s], folio)]


def make_old(machine: Machine, folio: Folio, first: int) -> bool:
    """S9: every entry is old from now on; whether any was young. What is not present (device-exclusive) is old."""
    tables, young = machine.mm.tables, False
    for slot in mapped_at(machine, folio, first):
        pte = tables[slot]
        if pte.present and pte.young:
            young = True
            tables[slot] = pte.clear(YOUNG)
    return young


def referenced(machine: Machine, folio: Folio, first: int) -> Used:
    """Ask the entries of the VMA that map the folio, whose first page would be at slot `first`. In an mlocked VMA no
    bit is touched, and a folio that is mapped whole is mlocked if it was not yet (G9)."""
    mapping = mapped_at(machine, folio, first)
    if machine.vma.locked:
        folio.mlocked = folio.mlocked or len(mapping) == folio.nr
        return Used(False, True, len(mapping))
    return Used(make_old(machine, folio, first), False, len(mapping))


def age(machine: Machine, start: int, end: int, asked: Callable[[Folio], bool]) -> None:
    """Make the entries of [start, end) old whose folios are asked about. Who finds one young may as well tell its folio
    that it was written: not an anonymous one that has no copy elsewhere, which counts as dirty anyway."""
    for slot in range(start, end):
        pte = machine.mm.tables[slot]
        folio = machine.memory.normal(pte) if pte.present else None
        if folio is None or not pte.young or not asked(folio):
            continue
        machine.mm.tables[slot] = pte.clear(YOUNG)
        folio.dirty |= pte.dirty and not (folio.anon and folio.swapbacked and not folio.swapcache)
