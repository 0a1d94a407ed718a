# SPDX-License-Identifier: GPL-2.0-or-later
"""Forgetting what was used or written: clear_refs_pte_range(), fs/proc/task_mmu.c, for /proc/PID/clear_refs.

Who tracks writes clears soft-dirty, and write with it: the fault that the next write takes sets the bit again.
"""

from __future__ import annotations

from oracle.reference.pte import SOFT_DIRTY, WRITE, YOUNG
from oracle.reference.walkers.machine import Machine, is_cow


def forget_write(machine: Machine, slot: int) -> None:
    """D12. What is pinned in a copy-on-write mapping stays as it is: a device may write there without any fault, and
    the page must not be copied at the CPU's next write (pte_is_pinned()). Nothing where entries have no such bit."""
    tables = machine.mm.tables
    pte = tables[slot]
    if not machine.kernel.soft_dirty or pte.none:
        return
    folio = machine.memory.normal(pte) if pte.present else None
    if folio is not None and pte.write and is_cow(machine.vma) and folio.maybe_pinned:
        return
    tables[slot] = pte.clear(WRITE | SOFT_DIRTY if pte.present else SOFT_DIRTY)


def forget_use(machine: Machine, slot: int) -> None:
    """S8: a mapped page is old, its folio neither young nor referenced; nothing else changes. What has no page behind
    it tells nobody of its use, and stays."""
    pte = machine.mm.tables[slot]
    folio = machine.memory.normal(pte) if pte.present else None
    if folio is None:
        return
    machine.mm.tables[slot] = pte.clear(YOUNG)
    folio.referenced = False
