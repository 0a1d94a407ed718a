# SPDX-License-Identifier: GPL-2.0-or-later
"""What a device is told of a page: hmm_vma_handle_pte(), mm/hmm.c. Bits by enum hmm_pfn_flags, include/linux/hmm.h."""

from __future__ import annotations

from collections.abc import Callable

from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import WRITE, Kind, Pte
from oracle.reference.walkers.machine import Machine

VALID, WRITABLE, ERROR = (1 << 63 - n for n in range(3))
"""HMM_PFN_VALID, HMM_PFN_WRITE, HMM_PFN_ERROR."""


def tell(machine: Machine, slot: int, needs: int, own: Callable[[Folio], bool]) -> int | None:
    """The number of the page with what may be done with it, 0 where there is none; None where a fault comes first, or
    an error. needs: the flags that it has to have. own: pages that are this device's already, which it is told of
    whatever it asked for."""
    pte = machine.mm.tables[slot]
    if pte.kind is Kind.DEVICE_PRIVATE and own(machine.folio_of(pte)):
        return pte.pfn | _flags(pte)
    has = _flags(pte) if pte.present and not pte.protnone else 0
    if needs & ~has:
        return None
    if pte.present and pte.special and pte.pfn != ZERO_PFN:
        return None if needs else ERROR
    return pte.pfn | has if pte.present else 0


def _flags(pte: Pte) -> int:
    """E9: a device writes where the CPU may."""
    return VALID | (WRITABLE if pte.bits & WRITE else 0)
