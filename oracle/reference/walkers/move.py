# SPDX-License-Identifier: GPL-2.0-or-later
"""mremap: move_ptes(), mm/mremap.c. An entry goes to another address and stays what it is.

The page is not touched: no count changes (G3, G4), and AnonExclusive stays with it. Write stays what it was for
this very entry (B5): adding it would let a shared page be written, and dropping it costs a fault.
"""

from __future__ import annotations

from oracle.reference.pte import EXEC, NONE, PROTNONE, UFFD_WP, WRITE, Kind, Pte
from oracle.reference.table import Vma
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine, page_prot


def forgets_uffd(vma: Vma) -> bool:
    """Nobody was told of the move, so the protection cannot be lifted at the new address
    (vma_has_uffd_without_event_remap(), include/linux/userfaultfd_k.h)."""
    return (vma.uffd_wp or vma.uffd_rwp) and not vma.uffd_remap


def moved(pte: Pte, vma: Vma, kernel: Kernel) -> Pte:
    """What arrives at the new address of an entry that is not none.

    D4: soft-dirty, in the present and in the swap form: who tracks writes by address sees this one as written.
    D8: no uffd-wp bit and no uffd-wp marker where its owner does not follow.
    """
    pte = kernel.mksoft_dirty(pte)
    if not forgets_uffd(vma):
        return pte
    if pte.kind is Kind.MARKER_UFFD_WP:
        return NONE
    if pte.present and vma.uffd_rwp and pte.uffd_wp:
        pte = pte.clear(PROTNONE | WRITE | EXEC).set(page_prot(vma))
    return pte.clear(UFFD_WP)


def move(machine: Machine, start: int, end: int, to: int) -> int:
    """Move [start, end) to [to, ...) of the other tables. The TLB is flushed for the old range before either lock is
    dropped if any entry was present (T4): until then a CPU may write through the old address."""
    old, new = machine.mm.tables, machine.other.tables
    for slot in range(start, end):
        pte = old[slot]
        if pte.none:
            continue
        old[slot] = NONE
        new[to + slot - start] = moved(pte, machine.vma, machine.kernel)
    return 0
