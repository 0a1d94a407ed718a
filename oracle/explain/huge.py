# SPDX-License-Identifier: GPL-2.0-or-later
"""How the split of a PMD is called on a scenario: the reference's side of oracle/entries/split_huge_pmd.h."""

from __future__ import annotations

from oracle.explain.start import has
from oracle.explain.state import Results
from oracle.explain.walks import folio_of
from oracle.reference.folio import ZERO_PFN
from oracle.reference.pte import DIRTY, EXCLUSIVE, PROTNONE, SOFT_DIRTY, UFFD_WP, WRITE, YOUNG, Kind, Pte
from oracle.reference.table import SLOTS
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.split import put_huge, split_huge, zap_huge
from oracle.wire import Scenario

_PRESENT, _ZERO, _MIGRATING, _DEVICE = range(4)


def _settled(machine: Machine, scenario: Scenario, anon: bool) -> int:
    """w_settled(): a PMD's bits as the kernel can have them."""
    bits, wire, vma = scenario.options[0] & 127, scenario.folios[0], machine.vma
    if not anon or has(wire.bits, "FOLIO_BITS", "EXTRA_MAP") or has(wire.bits, "FOLIO_BITS", "KSM"):
        bits &= ~EXCLUSIVE
    if not (vma.uffd_wp or vma.uffd_rwp):
        bits &= ~UFFD_WP
    if vma.uffd_rwp and bits & UFFD_WP:
        bits |= PROTNONE
    if not vma.write or bits & (UFFD_WP | PROTNONE) or not (bits & EXCLUSIVE if anon else vma.shared):
        bits &= ~WRITE
    if bits & WRITE and (not anon or has(wire.bits, "FOLIO_BITS", "SWAPBACKED")):
        bits |= DIRTY
    return bits if machine.kernel.soft_dirty else bits & ~SOFT_DIRTY


def _pmd(machine: Machine, scenario: Scenario, anon: bool) -> Pte:
    """w_choose() and w_put_pmd(): what the PMD is."""
    option, bits = scenario.options[1], _settled(machine, scenario, anon)
    what = option % 4 if option % 8 < 4 else _PRESENT
    if (what == _DEVICE and not machine.kernel.large_device) or (not anon and what != _MIGRATING):
        what = _PRESENT
    pfn = folio_of(machine, scenario, 0).pfn
    if what == _ZERO:
        return Pte(Kind.PRESENT, ZERO_PFN, bits & (UFFD_WP | YOUNG | SOFT_DIRTY))
    if what == _DEVICE:
        return Pte(Kind.DEVICE_PRIVATE, pfn, bits & (UFFD_WP | SOFT_DIRTY | WRITE | EXCLUSIVE))
    if what == _PRESENT:
        return Pte(Kind.PRESENT, pfn, bits)
    exclusive = Kind.MIGRATION_READ_EXCLUSIVE if bits & EXCLUSIVE else Kind.MIGRATION_READ
    return Pte(Kind.MIGRATION_WRITE if bits & WRITE else exclusive, pfn, bits & (UFFD_WP | SOFT_DIRTY))


def split(machine: Machine, scenario: Scenario) -> Results:
    """__split_huge_pmd_locked. Result 0: what the PMD holds then; 0: nothing, 1: the table."""
    folio = folio_of(machine, scenario, 0)
    pmd = _pmd(machine, scenario, folio.anon)
    zero, maps = pmd.pfn == ZERO_PFN, pmd.kind in (Kind.PRESENT, Kind.DEVICE_PRIVATE)
    freeze = folio.anon and maps and not zero and bool(scenario.options[2] & 1)
    folio.locked |= freeze or not maps
    if not zero:
        put_huge(machine, folio, pmd)
    if machine.vma.file:
        zap_huge(machine, folio, pmd)
        return {"returns": 0, "result 0": 0}
    split_huge(machine, scenario.start // SLOTS * SLOTS, None if zero else folio, pmd, freeze)
    return {"returns": 0, "result 0": 1}
