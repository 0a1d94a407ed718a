# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages for who is to hold them: follow_page_pte(), mm/gup.c, one entry at a time, and what a lockless walk may take.
What a pin promises: Documentation/core-api/pin_user_pages.rst."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.reference.folio import ZERO_PFN, Folio, FolioKind
from oracle.reference.pte import DIRTY, UFFD_WP, YOUNG, Pte
from oracle.reference.walkers.machine import Machine, is_cow, soft_dirty_wanted

FAULT, NOT_MEMORY, UNSHARE = -14, -17, -31
"""-EFAULT, -EEXIST, -EMLINK."""
NOTHING = -1
"""No page as things are: somebody has to fault it in."""


@dataclass(frozen=True)
class Asked:
    """FOLL_* of the caller."""

    get: bool = False
    pin: bool = False
    longterm: bool = False
    write: bool = False
    touch: bool = False
    force: bool = False
    hints: bool = False
    """FOLL_HONOR_NUMA_FAULT: as a CPU would, which faults on them."""
    dump: bool = False


def may_write(machine: Machine, pte: Pte, folio: Folio | None, asked: Asked) -> bool:
    """E9: can_follow_write_pte(). By force a debugger writes to what a private mapping forbids, where the page is a
    copy already and nobody waits for the write."""
    vma = machine.vma
    if pte.write:
        return True
    if not asked.force or vma.shared or vma.write:
        return False
    mine = folio is not None and folio.anon and folio.exclusive[folio.index(pte.pfn)]
    waits = soft_dirty_wanted(machine, vma) and not pte.soft_dirty
    return mine and not waits and not (vma.uffd_wp and pte.bits & UFFD_WP)


def must_unshare(pte: Pte, folio: Folio | None, asked: Asked, cow: bool) -> bool:
    """E8: gup_must_unshare(). What is pinned only to be read must not be copied by a later write; of what is no
    anonymous memory that matters for pins that stay. cow: whether the mapping copies on write."""
    if pte.write or not asked.pin or asked.write:
        return False
    if folio is None or not folio.anon:
        return asked.longterm and cow
    return not folio.exclusive[folio.index(pte.pfn)]


def follow(machine: Machine, slot: int, asked: Asked, accessible: bool, faults: bool) -> int:
    """The pfn of the page that the entry gives, or why none. accessible: the VMA lets the process do anything; faults:
    its file can be asked for pages. References are left to who takes them."""
    pte = machine.mm.tables[slot]
    if pte.none:
        return FAULT if asked.dump and not (machine.vma.file and faults) else NOTHING
    if not pte.present or (pte.protnone and accessible and (asked.hints or machine.vma.uffd_rwp)):
        return NOTHING
    folio = machine.memory.normal(pte)
    if asked.write and not may_write(machine, pte, folio, asked):
        return NOTHING
    if folio is None and asked.dump:
        return FAULT
    if folio is None and pte.pfn != ZERO_PFN:
        if asked.touch:
            machine.mm.tables[slot] = pte.set(YOUNG | (DIRTY if asked.write else 0))
        return NOT_MEMORY
    if must_unshare(pte, folio, asked, is_cow(machine.vma)):
        return UNSHARE
    if folio is not None and asked.touch:
        folio.dirty |= asked.write and not pte.dirty
        folio.referenced = True
    return pte.pfn


def take(machine: Machine, slot: int, asked: Asked, movable: Callable[[Folio], bool]) -> int:
    """The same without lock or VMA, gup_fast_pte_range(): in doubt nothing, and the caller asks the other way. movable:
    folios that must not be pinned for long where they are."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte) if pte.present else None
    if folio is None or pte.protnone or (asked.write and not pte.write):
        return NOTHING
    tracked = asked.write and folio.kind is FolioKind.FILE
    if asked.longterm and (movable(folio) or tracked):
        return NOTHING
    if must_unshare(pte, folio, asked, cow=True):
        return NOTHING
    folio.referenced = True
    return pte.pfn
