# SPDX-License-Identifier: GPL-2.0-or-later
"""How KSM is called on a scenario: the reference's side of oracle/entries/ksm.h."""

from __future__ import annotations

from oracle.explain.start import has
from oracle.explain.state import Results
from oracle.explain.walks import first_slot, folio_of
from oracle.reference.folio import Folio
from oracle.reference.pte import YOUNG, Pte
from oracle.reference.walkers.ksm import replace, write_protect
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.unmap import maps
from oracle.wire import Scenario, mask, names

_EFAULT = -14


def candidate(scenario: Scenario) -> int | None:
    """w_candidate(): a slot that maps a small anonymous folio, of those that KSM does not have yet."""
    n = scenario.end - scenario.start
    for k in range(n):
        at = scenario.start + (scenario.options[0] + k) % n
        slot = scenario.slots[at - scenario.first]
        if names("SLOT_KINDS")[slot.kind] not in ("PAGE", "DEV_EXCL"):
            continue
        folio = scenario.folios[slot.folio]
        small = names("FOLIO_KINDS")[folio.kind] == "ANON" and not folio.order
        if small and not has(folio.bits, "FOLIO_BITS", "KSM"):
            return at
    return None


def _protected(machine: Machine, scenario: Scenario, at: int) -> tuple[int, Folio, Pte | None]:
    """Where the folio is found by its place in the VMA, and its entry once that is protected."""
    number = scenario.slots[at - scenario.first].folio
    folio, slot = folio_of(machine, scenario, number), first_slot(scenario, number)
    found = machine.vma.start <= slot < machine.vma.end and maps(machine, machine.mm.tables[slot], folio)
    return slot, folio, write_protect(machine, slot, folio) if found else None


def protect(machine: Machine, scenario: Scenario) -> Results:
    """write_protect_page; the caller unlocks the folio."""
    at = candidate(scenario)
    if at is None:
        return {"returns": 0}
    _, folio, pte = _protected(machine, scenario, at)
    folio.locked = False
    return {"returns": 0 if pte is not None else _EFAULT}


def merge(machine: Machine, scenario: Scenario) -> Results:
    """replace_page, with what write_protect_page left or what has changed since."""
    at = candidate(scenario)
    if at is None:
        return {"returns": 0}
    slot, folio, pte = _protected(machine, scenario, at)
    folio.locked = False
    if pte is None:
        return {"returns": _EFAULT, "result 0": 0}
    kept = machine.new_folio()
    seen = pte.set(YOUNG) if scenario.options[2] & 1 else pte
    done = replace(machine, slot, folio, kept, seen)
    return {"returns": 0, "result 0": 0 if done else _EFAULT}


def untold_merge(scenario: Scenario) -> bool:
    """What the entry that is replaced has of soft-dirty and uffd-wp is lost in the kernels that there are
    (docs/kernel-findings.md): whether it should be is not for the reference to say."""
    at = candidate(scenario)
    return at is not None and bool(scenario.slots[at - scenario.first].bits & mask("SLOT_BITS", "SOFT", "WP"))
