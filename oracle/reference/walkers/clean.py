# SPDX-License-Identifier: GPL-2.0-or-later
"""Cleaning a file's pages before they are written: page_mkclean_one(), mm/rmap.c; wp_pte() and clean_record_pte(),
mm/mapping_dirty_helpers.c. From then on the next write is noticed: by a fault, or by a
dirty bit that was not there.
"""

from __future__ import annotations

from oracle.reference.folio import Folio
from oracle.reference.pte import WRITE
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.referenced import mapped_at


def mkclean(machine: Machine, folio: Folio, first: int) -> bool:
    """Every entry of the VMA that maps the folio, whose first page would be at slot `first`: S7, S8, neither writable
    nor dirty. Whether any was. What is not present (device-exclusive) is neither for the CPU (F5)."""
    tables, cleaned = machine.mm.tables, False
    for slot in mapped_at(machine, folio, first):
        pte = tables[slot]
        if pte.present and (pte.dirty or pte.write):
            tables[slot] = pte.wrprotect().mkclean()
            cleaned = True
    return cleaned


def write_protect(machine: Machine, slot: int) -> bool:
    """S7; a dirty bit stays until it was recorded. Whether there was something to do."""
    pte = machine.mm.tables[slot]
    if not pte.write:
        return False
    machine.mm.tables[slot] = pte.clear(WRITE)
    return True


def clean(machine: Machine, slot: int) -> bool:
    """S8: whether it was dirty, which the caller records (D1). Write stays."""
    pte = machine.mm.tables[slot]
    if not pte.dirty:
        return False
    machine.mm.tables[slot] = pte.mkclean()
    return True
