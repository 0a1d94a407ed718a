# SPDX-License-Identifier: GPL-2.0-or-later
"""How DAMON's samples are called on a scenario: the reference's side of damon_vaddr.h and damon_folio.h."""

from __future__ import annotations

from oracle.explain.looks import isolate
from oracle.explain.start import PFN_BASE
from oracle.explain.state import Results, lru_of
from oracle.explain.walks import victim
from oracle.reference.folio import Folio
from oracle.reference.walkers.damon import folio_used, sample, sample_folio, used
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

_MASK = (1 << 64) - 1


def _sampled(scenario: Scenario) -> int:
    return scenario.start + scenario.options[0] % (scenario.end - scenario.start)


def _elsewhere(scenario: Scenario, slot: int) -> bool:
    """w_secondary_was() of world/k_young.h."""
    h = (scenario.salt + slot // 64 + 1) * 0x9E3779B97F4A7C15 & _MASK
    bits = h & ((h << 23 & _MASK) | h >> 41)
    return bool(scenario.salt >> 15 & 1 and bits >> (slot & 63) & 1)


def _marked(scenario: Scenario, folio: Folio) -> bool:
    """The folio is not idle."""
    known = zip(scenario.folios, lru_of(scenario, scenario.options[1]), strict=True)
    return not any(lru.idle and PFN_BASE + wire.pfn == folio.pfn for wire, lru in known)


def make_old(machine: Machine, scenario: Scenario) -> Results:
    """damon_mkold_pmd_entry"""
    isolate(machine, scenario, scenario.options[1])
    sample(machine, _sampled(scenario))
    return {"returns": 0}


def asked(machine: Machine, scenario: Scenario) -> Results:
    """damon_young_pmd_entry"""
    said = used(machine, _sampled(scenario), lambda f: _marked(scenario, f), lambda at: _elsewhere(scenario, at))
    return {"returns": 0, "result 0": int(said)}


def untold(scenario: Scenario) -> bool:
    """Of a folio that somebody has off the LRU lists some kernels say nothing, others what they know."""
    slot = scenario.slots[_sampled(scenario) - scenario.first]
    mapped = names("SLOT_KINDS")[slot.kind] == "PAGE"
    return mapped and lru_of(scenario, scenario.options[1])[slot.folio].isolated


def make_folio_old(machine: Machine, scenario: Scenario) -> Results:
    """damon_folio_mkold_one"""
    isolate(machine, scenario, scenario.options[1])
    found = victim(machine, scenario)
    if found is None:
        return {"returns": 0}
    found[0].locked = True
    sample_folio(machine, *found)
    return {"returns": 1}


def asked_folio(machine: Machine, scenario: Scenario) -> Results:
    """damon_folio_young_one: the walk goes on to other VMAs until one says yes."""
    found = victim(machine, scenario)
    if found is None:
        return {"returns": 0}
    folio, first = found
    folio.locked = True
    said = folio_used(machine, folio, first, _marked(scenario, folio), lambda at: _elsewhere(scenario, at))
    return {"returns": int(not said), "result 0": int(said)}
