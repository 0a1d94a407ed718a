# SPDX-License-Identifier: GPL-2.0-or-later
"""mbind and migrate_pages: queue_folios_pte_range(), mm/mempolicy.c. Which folios of a range are to move.

No entry changes. What counts is the folio, once: a large one is mapped by many entries, but can be isolated once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from oracle.reference.folio import Folio
from oracle.reference.pte import MIGRATION
from oracle.reference.walkers.machine import Machine, run_length


@dataclass
class Queue:
    """struct queue_pages. wanted: the folio lies where it may not be; movable: it could be isolated. strict: stop at
    the first that cannot be moved (MPOL_MF_STRICT without MOVE). failed: entries whose page stays where it is."""

    wanted: Callable[[Folio], bool]
    movable: Callable[[Folio], bool]
    strict: bool = False
    folios: list[Folio] = field(default_factory=list)
    failed: int = 0


def queue(machine: Machine, start: int, end: int, what: Queue) -> bool:
    """Queue the folios of [start, end). False (-EIO) when strict and one cannot be moved. A migration entry counts as
    failed: its page is moved already, to where somebody else wants it. A large folio is asked once: its first run of
    entries fails as one, those after neither queue nor fail."""
    seen: Folio | None = None
    for slot in range(start, end):
        pte = machine.mm.tables[slot]
        if pte.kind in MIGRATION:
            what.failed += 1
        folio = machine.memory.normal(pte) if pte.present else None
        if folio is None or not what.wanted(folio) or (folio.large and folio is seen):
            continue
        seen = folio if folio.large else seen
        if what.movable(folio):
            what.folios.append(folio)
        else:
            counts = folio.large and machine.kernel.mbind_counts_runs
            what.failed += run_length(machine, slot, end, folio) if counts else 1
            if what.strict:
                break
    return not (what.failed and what.strict)
