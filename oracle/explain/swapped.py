# SPDX-License-Identifier: GPL-2.0-or-later
"""How a fault on a swap entry, and swapoff, are called on a scenario: the reference's side of do_fault_of.h,
unuse_pte.h and k_swapin.h in oracle/, for pages that are in the swap cache. Of a fault, reading from a device and
copies of KSM pages are not told."""

from __future__ import annotations

from collections.abc import Collection

from oracle.explain.faults import SIGBUS, slot_with
from oracle.explain.start import has
from oracle.explain.state import Results
from oracle.explain.touched import RETRY, present, raced, touch, writes
from oracle.explain.walks import folio_of
from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import NONE, Kind, Pte
from oracle.reference.walkers.fault import USERFAULT, write_fault
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.swapin import free_after, run_of, stays_exclusive, swap_in, unuse
from oracle.wire import Scenario, names

_BLOCK_ORDER = 4  # entries of a contpte block, arm64 with 4K pages
SWAPPED = ("SWAP", "SWAPCACHED", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL",
            "MARKER_WP", "MARKER_POISON", "MARKER_GUARD")  # fmt: skip
_ANYTHING = ("NONE", "PAGE", "ZERO", *SWAPPED)


def _kind(scenario: Scenario, at: int) -> str:
    return names("SLOT_KINDS")[scenario.slots[at - scenario.first].kind]


def untold(scenario: Scenario, kinds: Collection[str] = SWAPPED) -> bool:
    """Whether the fault meets what the reference does not know, or a write goes on where a contpte block was mapped:
    that is tried in vain on arm64, and left to the next fault (docs/kernel-findings.md)."""
    at = slot_with(scenario, kinds)
    if at is None or _kind(scenario, at).startswith("MIG_"):
        return raced(scenario)
    if _kind(scenario, at) != "SWAPCACHED" or raced(scenario):
        return True
    odd, order = scenario.options[3], scenario.folios[scenario.slots[at - scenario.first].folio].order
    if odd & 1 or odd >> 1 & 15 in {1, 2} or (not order and not scenario.salt >> 4 & 3):
        return True
    return writes(scenario) and order >= _BLOCK_ORDER


def fault(machine: Machine, scenario: Scenario, kinds: Collection[str] = SWAPPED) -> Results:
    """do_swap_page(); of a folio whose entries are all alike, all are mapped. A write may have to go on as one to a
    page that is mapped read-only."""
    at = slot_with(scenario, kinds)
    if at is None or machine.mm.tables[at].kind is not Kind.SWAP:
        return {"returns": 0}
    folio = folio_of(machine, scenario, scenario.slots[at - scenario.first].folio)
    if folio.locked:
        return {"returns": RETRY}
    kernel, pte, stable = machine.kernel, machine.mm.tables[at], bool(scenario.salt >> 10 & 1)
    folio.get()
    slots = [s for s in run_of(machine, at, folio) if machine.maps(s, at)]
    exclusive = stays_exclusive(folio, pte, False, stable)
    if kernel.frees_swap_first:
        for slot in slots:
            machine.swap.free(machine.mm.tables[slot])
        _free(machine, scenario, folio, folio.refs == 1 + folio.nr and not folio.ksm)
    for slot in slots:
        swap_in(machine, slot, folio, writes(scenario), stable_writes=stable, counted=not kernel.frees_swap_first)
    folio.get(len(slots) - 1)
    if not kernel.frees_swap_first:
        alone = folio.refs == len(slots) + folio.nr and not folio.ksm
        _free(machine, scenario, folio, exclusive if kernel.frees_swap_if_exclusive else alone)
    new = machine.mm.tables[at]
    if writes(scenario) and not new.write and not new.protnone and write_fault(machine, at) == USERFAULT:
        return {"returns": RETRY}
    return {"returns": 0}


def _free(machine: Machine, scenario: Scenario, folio: Folio, alone: bool) -> None:
    """should_try_to_free_swap(): early on fast devices, and for a write where the page is likely to be ours alone."""
    fast = bool(scenario.salt >> 9 & 1) and not machine.kernel.frees_swap_first
    if fast or scenario.salt >> 13 & 1 or machine.vma.locked or folio.mlocked or (writes(scenario) and alone):
        free_after(machine, folio)


def anything(machine: Machine, scenario: Scenario) -> Results:
    """handle_pte_fault: a file has no page to give (w_no_page() in do_fault_of.h)."""
    at, vma = slot_with(scenario, _ANYTHING), machine.vma
    if at is None:
        return {"returns": 0}
    pte = machine.mm.tables[at]
    if pte.none:
        return {"returns": SIGBUS} if vma.file else touch(machine, scenario, at)
    if not pte.present:
        return fault(machine, scenario, _ANYTHING)
    return {"returns": 0} if vma.shared and pte.pfn == ZERO_PFN else present(machine, scenario, at)


def untold_any(scenario: Scenario) -> bool:
    """Of swap entries, as above; and whether userfaultfd lets an access pass that it protects from (RWP_ASYNC)."""
    at = slot_with(scenario, _ANYTHING)
    if at is None:
        return False
    waits = has(scenario.vma, "VMA_BITS", "UFFD_RWP") and has(
        scenario.slots[at - scenario.first].bits, "SLOT_BITS", "WP"
    )
    return untold(scenario, _ANYTHING) if _kind(scenario, at) in SWAPPED else waits


def off(machine: Machine, scenario: Scenario) -> Results:
    """unuse_pte.h; a copy for KSM: w_ksm_copy() in k_swapin.h."""
    at = slot_with(scenario, ("SWAPCACHED",))
    if at is None:
        return {"returns": 0}
    slot, odd = scenario.slots[at - scenario.first], scenario.options[3]
    folio, what = folio_of(machine, scenario, slot.folio), odd >> 1 & 15
    if folio.locked:
        return {"returns": 0}
    folio.writeback = False
    new = bool(odd & 1) and not folio.mapcount and not folio.large
    lost = {1: Pte(Kind.MARKER_POISON), 2: Pte(Kind.HWPOISON, folio.pfn + slot.index)}.get(what, NONE)
    if what != 3:  # else another entry is there by now
        copy = not folio.large and not new and not scenario.salt >> 4 & 3
        unuse(machine, at, folio, copy, lost)
        folio.swapbacked |= new and lost.none
    free_after(machine, folio)
    return {"returns": int(what != 3 and lost.none)}
