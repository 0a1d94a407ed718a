# SPDX-License-Identifier: GPL-2.0-or-later
"""UFFDIO_MOVE: move_pages_ptes(), mm/userfaultfd.c (move_pages_pte() before 6.19). Exclusive pages change their place
within one mm, into holes, without being copied; what cannot be moved stays, and userspace is told.
"""

from __future__ import annotations

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import NONE, PROTNONE, SPECIAL, UFFD_WP, WRITE, Kind, Pte
from oracle.reference.table import PageTables
from oracle.reference.walkers.machine import Machine, mk_pte, page_prot


def _watched(machine: Machine, pte: Pte) -> Pte:
    """D6: in a VMA whose accesses userfaultfd waits for, the first one at the new place is told too (since 7.3)."""
    if not machine.other_vma.uffd_rwp:
        return pte
    return pte.clear(WRITE).set(UFFD_WP | PROTNONE) if pte.present else pte.set(UFFD_WP)


def movable(machine: Machine, slot: int) -> Folio | None:
    """The small folio of a mapping that may move: exclusive (E1), so nobody else finds it through the old place, and
    not pinned. A large one is split first, if nobody else has it locked or holds it."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte)
    if folio is None or not folio.exclusive[folio.index(pte.pfn)]:
        return None
    if folio.large:
        if folio.locked:
            return None
        folio.get()
        done = machine.memory.split(folio, caller=2)  # ours, and who keeps the folio
        head = machine.memory.folio(folio.pfn)
        assert head is not None
        head.put()
        folio = machine.memory.normal(pte)
        if not done or folio is None:
            return None
    folio.locked = False  # whoever had it locked was waited for
    return None if folio.maybe_pinned else folio


def _moved(machine: Machine, slot: int, pte: Pte, busy: bool) -> Pte | None:
    """What the entry becomes at its new place, None when it stays. D4: it is soft-dirty there, for who watches that
    place; a page is writable and as dirty as it was, a swap entry keeps what it says. busy: the page of a swap entry is
    in the swap cache and cannot go along."""
    vma = machine.other_vma
    if pte.present and pte.pfn == ZERO_PFN:
        return _watched(machine, mk_pte(ZERO_PFN, page_prot(vma) | SPECIAL))
    if pte.present:
        if movable(machine, slot) is None:
            return None
        new = machine.kernel.mksoft_dirty(mk_pte(pte.pfn, page_prot(vma) | WRITE))
        return _watched(machine, machine.kernel.mkdirty(new) if pte.dirty else new)
    if pte.kind is not Kind.SWAP or not pte.swp_exclusive or busy:
        return None
    return _watched(machine, machine.kernel.mksoft_dirty(pte))


def move_one(machine: Machine, slot: int, to: int, busy: bool = False) -> bool:
    """One entry into the other tables. S1: not over what is there. Mapping, reference and rss go along (G3, G4)."""
    there: PageTables = machine.other.tables
    if not there[to].none:
        return False
    new = _moved(machine, slot, machine.mm.tables[slot], busy)
    if new is None:
        return False
    machine.mm.tables[slot] = NONE  # and flushed, before anybody may find the page at its new place
    there[to] = new
    return True
