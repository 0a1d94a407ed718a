# SPDX-License-Identifier: GPL-2.0-or-later
"""How UFFDIO_MOVE is called on a scenario: the reference's side of oracle/entries/uffd_move.h."""

from __future__ import annotations

from oracle.explain.start import has
from oracle.explain.state import Results, in_two_tables
from oracle.reference.folio import ZERO_PFN
from oracle.reference.pte import SPECIAL, Kind, Pte, present
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.uffd_move import move_one
from oracle.wire import Scenario, names

_SWAP_SLOTS = 1024


def _cached(scenario: Scenario) -> Pte | None:
    """w_cache_one(): the swap entry whose page is in the swap cache, if it is that of a large folio."""
    option = scenario.options[2]
    first = scenario.start - scenario.first + (option >> 3) % (scenario.end - scenario.start)
    if not option & 1:
        return None
    slot = next((s for s in scenario.slots[first:] if names("SLOT_KINDS")[s.kind] == "SWAP"), None)
    return None if slot is None else Pte(Kind.SWAP, slot.index, 0, slot.folio)


def _busy(machine: Machine, scenario: Scenario, pte: Pte) -> bool:
    """Of a large folio in the swap cache entries do not move; until 6.18 neither while it is being read."""
    option, cached = scenario.options[2], _cached(scenario)
    if cached is not None and (pte.type, pte.pfn) == (cached.type, cached.pfn):
        return not option & 4 and bool(option >> 9 & 1)
    return machine.kernel.swap_map_has_cache and pte.pfn == option % _SWAP_SLOTS


def move(machine: Machine, scenario: Scenario) -> Results:
    """move_pages_ptes and move_pages_pte, on as much of the range as may move."""
    to = in_two_tables(scenario, machine.mm.tables.slots)
    n, blocked = scenario.end - scenario.start, scenario.options[1]
    if blocked & 1:
        what = present(ZERO_PFN, SPECIAL) if blocked & 2 else Pte(Kind.MARKER_POISON)
        machine.other.tables[to + (blocked >> 2) % n] = what
    for i in range(n):
        pte = machine.mm.tables[scenario.start + i]
        move_one(machine, scenario.start + i, to + i, pte.kind is Kind.SWAP and _busy(machine, scenario, pte))
    return {}


def untold(scenario: Scenario) -> bool:
    """What kernels do that need not be right (docs/kernel-findings.md): pages lose the protection of userfaultfd when
    they are moved, and swap entries keep it; of a large folio the first page is asked whether it is exclusive."""
    if has(scenario.vma, "VMA_BITS", "UFFD_WP") and any(has(s.bits, "SLOT_BITS", "WP") for s in scenario.slots):
        return True
    exclusive: dict[int, set[int]] = {}
    for slot in scenario.slots:
        if names("SLOT_KINDS")[slot.kind] in ("PAGE", "DEV_EXCL") and scenario.folios[slot.folio].order:
            pages = exclusive.setdefault(slot.folio, set())
            pages |= {slot.index} if has(slot.bits, "SLOT_BITS", "EXCL") else set()
    return any(pages and 0 not in pages for pages in exclusive.values())
