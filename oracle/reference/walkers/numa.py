# SPDX-License-Identifier: GPL-2.0-or-later
"""A NUMA hinting fault: do_numa_page(), mm/memory.c. The page did not move, and what its entry allowed comes back."""

from __future__ import annotations

from oracle.reference.folio import Folio
from oracle.reference.pte import WRITE, YOUNG, Pte
from oracle.reference.walkers.machine import Machine, page_prot, wants_write_notice
from oracle.reference.walkers.protect import can_write, modified


def restored(machine: Machine, pte: Pte, upgrade: bool) -> Pte:
    """The VMA's protection, young; upgrade: writable too where a write fault would have nothing to do (D11)."""
    vma = machine.vma
    new = modified(pte, page_prot(vma))
    wants = wants_write_notice(vma) if vma.shared else vma.write
    return new.set(YOUNG | WRITE if upgrade and wants and can_write(machine, vma, new) else YOUNG)


def hint_fault(machine: Machine, slot: int, moving: bool) -> None:
    """Restore the entry, and with it those of its large folio in this table and VMA that are marked. moving: the page
    should have migrated; what it may be was asked before the lock was dropped for that, so nothing is upgraded. Entries
    that userfaultfd protects from any access stay (since 7.3)."""
    vma, tables = machine.vma, machine.mm.tables
    pte = tables[slot]
    folio: Folio | None = machine.memory.normal(pte)
    slots = range(slot, slot + 1)
    if folio is not None and folio.large:
        first, table = slot - folio.index(pte.pfn), slot // tables.slots * tables.slots
        slots = range(max(first, table, vma.start), min(first + folio.nr, table + tables.slots, vma.end))
    for at in slots:
        one = tables[at]
        if not one.present or not one.protnone or (vma.uffd_rwp and one.uffd_wp):
            continue
        if folio is None or machine.memory.normal(one) is folio:
            tables[at] = restored(machine, one, upgrade=not moving)
