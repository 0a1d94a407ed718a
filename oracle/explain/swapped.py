"""How a fault on a swap entry, and swapoff, are called on a scenario: the reference's side of do_fault_of.h,
unuse_pte.h and k_swapin.h in oracle/, for pages that are in the swap cache. Of a fault, reading from a device, copies
of KSM pages and the write fault that may follow are not told."""

from __future__ import annotations

from oracle.explain.faults import slot_with
from oracle.explain.start import start
from oracle.explain.state import Results
from oracle.explain.touched import writes
from oracle.explain.walks import folio_of
from oracle.reference.folio import Folio
from oracle.reference.pte import NONE, Kind, Pte
from oracle.reference.walkers.kernel import Kernel
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.swapin import free_after, run_of, swap_in, unuse
from oracle.wire import Scenario, names

RETRY = 0x400  # VM_FAULT_RETRY
_SWAPPED = ("SWAP", "SWAPCACHED", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL",
            "MARKER_WP", "MARKER_POISON", "MARKER_GUARD")  # fmt: skip


def _kind(scenario: Scenario, at: int) -> str:
    return names("SLOT_KINDS")[scenario.slots[at - scenario.first].kind]


def untold(scenario: Scenario) -> bool:
    """Whether the fault meets what the reference does not know, or goes on as a write fault."""
    at = slot_with(scenario, _SWAPPED)
    if at is None or _kind(scenario, at).startswith("MIG_"):
        return scenario.options[5] % 16 == 1
    if _kind(scenario, at) != "SWAPCACHED" or scenario.options[5] % 16 == 1:
        return True
    slot, odd = scenario.slots[at - scenario.first], scenario.options[3]
    wire = scenario.folios[slot.folio]
    if odd & 1 or odd >> 1 & 15 in {1, 2} or (not wire.order and not scenario.salt >> 4 & 3):
        return True
    machine = start(scenario, Kernel())
    vma, folio = machine.vma, folio_of(machine, scenario, slot.folio)
    alone = machine.mm.tables[at].swp_exclusive and not folio.writeback and not folio.ksm
    waits = vma.uffd_wp or vma.uffd_rwp or not vma.soft_dirty
    return writes(scenario) and not (alone and vma.write and not waits)


def fault(machine: Machine, scenario: Scenario) -> Results:
    """do_swap_page(); of a folio whose entries are all alike, all are mapped."""
    at = slot_with(scenario, _SWAPPED)
    if at is None or machine.mm.tables[at].kind is not Kind.SWAP:
        return {"returns": 0}
    folio = folio_of(machine, scenario, scenario.slots[at - scenario.first].folio)
    if folio.locked:
        return {"returns": RETRY}
    write, kernel = writes(scenario), machine.kernel
    folio.get()
    slots = run_of(machine, at, folio)
    if kernel.frees_swap_first:
        for slot in slots:
            machine.swap.free(machine.mm.tables[slot])
        _free(machine, scenario, folio, write)
    for slot in slots:
        stable = bool(scenario.salt >> 10 & 1)
        swap_in(machine, slot, folio, write, stable_writes=stable, counted=not kernel.frees_swap_first)
    folio.get(len(slots) - 1)
    if not kernel.frees_swap_first:
        _free(machine, scenario, folio, write)
    return {"returns": 0}


def _free(machine: Machine, scenario: Scenario, folio: Folio, write: bool) -> None:
    """should_try_to_free_swap(), for entries that are exclusive if they are written to."""
    kernel = machine.kernel
    fast = bool(scenario.salt >> 9 & 1) and not kernel.frees_swap_first
    alone = kernel.frees_swap_if_exclusive or (kernel.frees_swap_first and folio.refs == 1 + folio.nr)
    if fast or scenario.salt >> 13 & 1 or machine.vma.locked or folio.mlocked or (write and alone and not folio.ksm):
        free_after(machine, folio)


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
