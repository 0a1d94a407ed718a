# SPDX-License-Identifier: GPL-2.0-or-later
"""How the page-table walks that change little are called on a scenario: mlock, mbind, MADV_COLD, MADV_WILLNEED,
MADV_GUARD_REMOVE, mincore, KSM's search, ageing by generations."""

from __future__ import annotations

from oracle.explain.start import PFN_BASE
from oracle.explain.state import Results, digest, lru_of
from oracle.reference.folio import Folio
from oracle.reference.walkers.ksm import first_merged
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.madvise import madvise_cold
from oracle.reference.walkers.mempolicy import Queue, queue
from oracle.reference.walkers.mincore import in_core, remove_guard
from oracle.reference.walkers.mlock import mlock_range
from oracle.reference.walkers.referenced import age
from oracle.wire import Scenario, mask, names

_BY_ENTRY = {"PAGE", "ZERO", "SPECIAL", "MIG_READ", "MIG_EXCL", "MIG_WRITE", "DEV_EXCL", "DEV_PRIV"}


def isolate(machine: Machine, scenario: Scenario, choice: int) -> None:
    """Which folios somebody else has off the LRU lists."""
    for wire, lru in zip(scenario.folios, lru_of(scenario, choice), strict=True):
        folio = machine.memory.folio(PFN_BASE + wire.pfn)
        assert folio is not None
        folio.isolated = lru.isolated


def mlock(machine: Machine, scenario: Scenario) -> Results:
    """mlock_pte_range.h; result 1 are the folios that are mlocked, a bit each."""
    mlock_range(machine, scenario.start, scenario.end, lock=not scenario.options[0] & 1)
    locked = [machine.memory.folio(PFN_BASE + wire.pfn) for wire in scenario.folios]
    return {"returns": 0, "result 1": sum(1 << i for i, f in enumerate(locked) if f is not None and f.mlocked)}


def node(scenario: Scenario, folio: Folio) -> int:
    """k_sched.h: two nodes that alternate every 2M."""
    return (folio.pfn - PFN_BASE >> 9 ^ scenario.salt >> 1) & 1


def policy(machine: Machine, scenario: Scenario) -> Results:
    """queue_folios_pte_range.h. What was isolated is counted by its list."""
    asked, nodes = scenario.options[0] % 5, scenario.options[1] & 3
    move, everyone = asked != 0, asked in {2, 4}
    invert = bool(scenario.options[0] & 256)
    migratable = scenario.salt & 0x700 != 0x700
    taken = [0, 0]
    isolate(machine, scenario, scenario.options[2])

    def movable(folio: Folio) -> bool:
        if not move or not migratable:
            return False
        if folio.maybe_mapped_shared and not everyone:
            return True  # left alone, and no failure
        if folio.isolated:
            return False
        folio.isolated = True
        taken[not folio.swapbacked] += folio.nr
        return True

    def wanted(folio: Folio) -> bool:
        return bool(nodes >> node(scenario, folio) & 1) != invert

    what = Queue(wanted, movable, strict=asked == 0)
    done = queue(machine, scenario.start, scenario.end, what)
    return {"returns": 0 if done else -5, "result 0": what.failed, "result 2": taken[0], "result 3": taken[1]}


def cold(machine: Machine, scenario: Scenario) -> Results:
    """madvise_cold_or_pageout_pte_range.h"""
    isolate(machine, scenario, scenario.options[1])
    madvise_cold(machine, scenario.start, scenario.end, pageout=bool(scenario.options[0] & 1))
    return {"returns": 0}


def untold_cold(scenario: Scenario) -> bool:
    """Whether a file may be paged out is for its owner: nothing the reference knows."""
    return bool(scenario.options[0] & 1 and scenario.vma & mask("VMA_BITS", "FILE"))


def read_ahead(machine: Machine, scenario: Scenario) -> Results:  # noqa: ARG001 - nothing changes
    """swapin_walk_pmd_entry.h"""
    return {"returns": 0}


def unguard(machine: Machine, scenario: Scenario) -> Results:
    """guard_remove_pte_entry.h"""
    for slot in range(scenario.start, scenario.end):
        remove_guard(machine, slot)
    return {"returns": 0}


def incore(machine: Machine, scenario: Scenario) -> Results:
    """mincore_pte_range.h: the vector between two bytes that stay as they are, and how far the walk has got."""
    vector = (0xEE, *(in_core(machine.mm.tables[s]) for s in range(scenario.start, scenario.end)), 0xEE)
    return {"returns": 0, "result 1": 1 + scenario.end - scenario.start, "result 2": digest(vector)}


def unmerge(machine: Machine, scenario: Scenario) -> Results:
    """break_ksm_pmd_entry.h. An mm that exits has nothing to copy (ksm_test_exit() of k_ksm.h)."""
    if scenario.salt & 0x600 == 0x600:
        return {"returns": 0}
    found = first_merged(machine, scenario.start, scenario.end)
    return {"returns": int(found is not None), "result 0": 0 if found is None else found - scenario.start + 1}


def untold_incore(scenario: Scenario) -> bool:
    """What is in the page cache or swap cache is told there, not by the entry."""
    kinds = {names("SLOT_KINDS")[slot.kind] for slot in scenario.slots}
    return "SWAP" in kinds or (bool(scenario.vma & mask("VMA_BITS", "FILE")) and not kinds <= _BY_ENTRY)


def generations(machine: Machine, scenario: Scenario) -> Results:
    """walk_pte_range.h, for one node and control group (k_lrugen.h); VMAs of raw pfns are left out."""
    if any(names("SLOT_KINDS")[slot.kind] == "SPECIAL" for slot in scenario.slots):
        return {}
    isolate(machine, scenario, scenario.options[1])
    kernel = machine.kernel

    def asked(folio: Folio) -> bool:
        mine = (folio.pfn - PFN_BASE) % 7 != scenario.salt & 7
        listed = not folio.isolated if kernel.ages_by_generation else not folio.swapbacked
        return mine and listed and node(scenario, folio) == scenario.options[0] & 1

    age(machine, scenario.start, scenario.end, asked)
    return {"result 0": scenario.end - scenario.start}
