# SPDX-License-Identifier: GPL-2.0-or-later
"""DAMON's samples: damon_mkold_pmd_entry() and damon_young_pmd_entry(), mm/damon/vaddr.c; damon_folio_mkold_one() and
damon_folio_young_one(), mm/damon/ops-common.c. A page that is old and whose folio is idle was not used since."""

from __future__ import annotations

from collections.abc import Callable

from oracle.reference.folio import Folio
from oracle.reference.pte import YOUNG
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.referenced import make_old, mapped_at


def sample(machine: Machine, slot: int) -> None:
    """S9: the page of one entry is old from now on, if reclaim has its folio (damon_get_folio())."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte) if pte.present else None
    if folio is not None and not folio.isolated:
        machine.mm.tables[slot] = pte.clear(YOUNG)


def sample_folio(machine: Machine, folio: Folio, first: int) -> None:
    """The same of all that maps a folio, whose first page would be at slot `first`."""
    if not folio.isolated:
        make_old(machine, folio, first)


def used(machine: Machine, slot: int, marked: Callable[[Folio], bool], elsewhere: Callable[[int], bool]) -> bool:
    """S9: whether the page of an entry was used since it was sampled. marked: the folio is not idle any more;
    elsewhere: a secondary MMU used the page of a slot."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte) if pte.present else None
    return folio is not None and (pte.young or marked(folio) or elsewhere(slot))


def folio_used(machine: Machine, folio: Folio, first: int, marked: bool, elsewhere: Callable[[int], bool]) -> bool:
    """The same of whatever maps a folio. What is not present (device-exclusive) is old for the CPU."""
    mapping = mapped_at(machine, folio, first)
    ptes = [machine.mm.tables[slot] for slot in mapping]
    return bool(mapping) and (marked or any(p.present and p.young for p in ptes) or any(map(elsewhere, mapping)))
