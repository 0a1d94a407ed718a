# SPDX-License-Identifier: GPL-2.0-or-later
"""An unmap that gave up: how many entries it had unmapped before is not laid down.

A batch is taken out as one and put back as one (folio_unmap_pte_batch() and its callers in mm/rmap.c; 6.12 has no
batches here), so an entry that must stay keeps the ones before it of its batch, and the folio hears of the dirty bits
of all of them. One entry at a time those before it are gone. Both are right: the folio stays mapped, nothing is lost.
"""

from __future__ import annotations

from oracle.reference.pte import Pte
from oracle.reference.table import rss_of
from oracle.reference.walkers.machine import Machine


def put_back(machine: Machine, before: Machine, slots: list[int], heard: int | None) -> None:
    """Change the reference's final state to one in which these entries were kept as they began. heard: pfn of a
    folio that has been told of a dirty bit among its entries, if one of them has it."""
    for slot in slots:
        pte = before.mm.tables[slot]
        folio = machine.memory.normal(pte)
        assert folio is not None
        machine.mm.tables[slot] = pte
        folio.add_rmap(folio.index(pte.pfn))
        folio.get()
        machine.mm.count(rss_of(folio), 1)
        was = before.memory.folio(folio.pfn)
        folio.partially_mapped = folio.partially_mapped and was is not None and folio.mapcount < was.mapcount
    folio = None if heard is None else machine.memory.folio(heard)
    if folio is not None and any(_dirty(before, pte, heard) for pte in before.mm.tables.entries):
        folio.dirty = folio.swapbacked = True


def _dirty(before: Machine, pte: Pte, heard: int | None) -> bool:
    folio = before.memory.normal(pte) if pte.present else None
    return folio is not None and folio.pfn == heard and pte.dirty
