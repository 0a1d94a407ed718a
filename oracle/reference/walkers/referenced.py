"""Reclaim's question whether a folio was used: folio_referenced_one(), mm/rmap.c.

The accessed bits are the answer and are cleared with it. No flush follows (T10): a translation that a CPU still
holds hides a use for a while, and no data is lost by that.
"""

from __future__ import annotations

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


def referenced(machine: Machine, folio: Folio, first: int) -> Used:
    """Ask the entries of the VMA that map the folio, whose first page would be at slot `first`. In an mlocked VMA no
    bit is touched, and a folio that is mapped whole is mlocked if it was not yet (G9)."""
    vma, tables = machine.vma, machine.mm.tables
    slots = range(max(first, vma.start), min(first + folio.nr, vma.end))
    mapping = [s for s in slots if maps(machine, tables[s], folio)]
    if vma.locked:
        folio.mlocked = folio.mlocked or len(mapping) == folio.nr
        return Used(False, True, len(mapping))
    young = False
    for slot in mapping:
        pte = tables[slot]
        if pte.present and pte.young:
            young = True
            tables[slot] = pte.clear(YOUNG)
    return Used(young, False, len(mapping))
