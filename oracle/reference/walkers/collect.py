# SPDX-License-Identifier: GPL-2.0-or-later
"""Collecting pages that move to a device or back: migrate_vma_collect_pmd(), mm/migrate_device.c. Pages that can be
locked at once are taken out of the table and leave migration entries; what is only a hole can be filled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import NONE, WRITE, Kind, Pte
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.migrate import migration_entry
from oracle.reference.walkers.unmap import split_folio

MIGRATE, VALID, WRITABLE = 2, 1, 8
"""MIGRATE_PFN_*, include/linux/migrate.h."""


class Split(Enum):
    """What comes of a large folio: it is left alone, its pages are folios of their own now, or that failed."""

    NO = 0
    DONE = 1
    FAILED = 2


@dataclass
class Collect:
    """system, device: which pages are asked for (MIGRATE_VMA_SELECT_*), and, for the latter, whether it is of that
    device. fault: the folio of the fault that asked for it, which is locked and held already."""

    system: bool
    device: bool
    fault: Folio | None = None
    collected: list[Folio] = field(default_factory=list)


def wanted(machine: Machine, pte: Pte, what: Collect) -> Folio | None:
    """The folio that the entry maps, if such are asked for."""
    if pte.kind is Kind.DEVICE_PRIVATE:
        return machine.folio_of(pte) if what.device else None
    return machine.memory.normal(pte) if pte.present and what.system else None


def split_for_device(machine: Machine, folio: Folio, what: Collect) -> Split:
    """migrate_vma_split_folio(), since 6.19: until then large folios stay where they are. Waits for the lock."""
    if not machine.kernel.large_device:
        return Split.NO
    faulted = folio is what.fault
    if not faulted:
        folio.get()
        folio.locked = True
    done = split_folio(machine, folio, caller=2)  # ours or the fault's, and who keeps the folio
    head = machine.memory.folio(folio.pfn)
    assert head is not None
    if faulted:
        what.fault = head
    else:
        head.locked = False
        head.put()
    return Split.DONE if done else Split.FAILED


def take(machine: Machine, slot: int, folio: Folio, what: Collect) -> bool:
    """Put a migration entry in the place of the mapping: E5, D1, D5 as in migration of any kind. The collection holds
    the folio and its lock, so a second entry that maps it stays; a pinned page does, too."""
    tables, pte = machine.mm.tables, machine.mm.tables[slot]
    if folio.locked and not (folio is what.fault and machine.kernel.large_device):
        return False
    page = folio.index(pte.pfn)
    exclusive = folio.anon and folio.exclusive[page]
    tables[slot] = NONE
    if exclusive and not folio.try_share_anon_rmap(page):
        tables[slot] = pte
        return False
    folio.dirty |= pte.present and pte.dirty
    tables[slot] = migration_entry(machine.kernel, pte, exclusive)
    folio.remove_rmap(page)
    folio.locked = True
    what.collected.append(folio)
    return True


def collect(machine: Machine, start: int, end: int, what: Collect) -> list[int]:
    """What there is to migrate of [start, end), an array entry for each. A large folio that cannot be split ends it."""
    found = [0] * (end - start)
    for slot in range(start, end):
        pte = machine.mm.tables[slot]
        if (pte.none and not machine.vma.file) or (pte.present and pte.pfn == ZERO_PFN and what.system):
            found[slot - start] = MIGRATE
            continue
        folio = wanted(machine, pte, what)
        if folio is not None and folio.large:
            split = split_for_device(machine, folio, what)
            if split is Split.FAILED:
                break
            pte = machine.mm.tables[slot]  # a file's page is not mapped any more
            folio = wanted(machine, pte, what) if split is Split.DONE else None
        if folio is not None and take(machine, slot, folio, what):
            write = bool(pte.bits & WRITE)
            found[slot - start] = pte.pfn << 6 | VALID | MIGRATE | (WRITABLE if write else 0)
    return found


def give_up(what: Collect) -> None:
    """migrate_vma_finalize(): the locks go, and with them the references that were the mappings'."""
    for folio in what.collected:
        folio.put()
        folio.locked = folio is what.fault
    if what.fault is not None:
        what.fault.put()
        what.fault.locked = False
