# SPDX-License-Identifier: GPL-2.0-or-later
"""How cleaning a file's pages is called on a scenario: the reference's side of page_mkclean_one.h and mapping_dirty.h
in oracle/entries/."""

from __future__ import annotations

from collections.abc import Callable

from oracle.explain.state import Results, digest
from oracle.explain.walks import victim
from oracle.reference.walkers.clean import clean, mkclean, write_protect
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

_NEVER = -1  # ~0UL


def shared(machine: Machine, scenario: Scenario) -> Results:
    """page_mkclean_one, for a locked folio; what was cleaned makes it dirty."""
    found = victim(machine, scenario)
    if found is None or found[0].anon or not machine.vma.shared:
        return {"returns": 0}
    folio, first = found
    folio.locked = True
    cleaned = mkclean(machine, folio, first)
    folio.dirty |= cleaned
    return {"returns": int(cleaned)}


def _each(machine: Machine, scenario: Scenario, one: Callable[[Machine, int], bool]) -> list[int]:
    """The slots of the range of which one() says that there was something to do."""
    slots = range(scenario.start, scenario.end)
    pages = [s for s in slots if names("SLOT_KINDS")[scenario.slots[s - scenario.first].kind] == "PAGE"]
    return [s for s in pages if one(machine, s)]


def protect(machine: Machine, scenario: Scenario) -> Results:
    """wp_pte"""
    if not machine.vma.shared:
        return {"returns": 0}
    return {"returns": len(_each(machine, scenario, write_protect)), "result 0": _NEVER}


def record(machine: Machine, scenario: Scenario) -> Results:
    """clean_record_pte; the caller makes the pages dirty that it finds in the bitmap."""
    if not machine.vma.shared:
        return {"returns": 0}
    found = _each(machine, scenario, clean)
    bits = digest(slot in found for slot in range(scenario.start, scenario.end))
    for slot in found:
        folio = machine.memory.normal(machine.mm.tables[slot])
        assert folio is not None
        folio.dirty = True
    first, end = (min(found), max(found) + 1) if found else (_NEVER, 0)
    return {"returns": len(found), "result 0": first, "result 1": end, "result 2": bits}
