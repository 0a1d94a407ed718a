"""How khugepaged's copy is called on a scenario: the reference's side of collapse.h, collapse_table.h and
collapse_copy.h in oracle/entries/."""

from __future__ import annotations

from oracle.explain.state import Results
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.table import SLOTS, Rss
from oracle.reference.walkers.collapse import Limits, collapse
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario

_PMD_ORDER = 9
REFUSED = -1


def limits(machine: Machine, option: int, order: int) -> Limits:
    """w_limits(), and what the kernel makes of them: smaller sizes are collapsed to only where nothing is missing, or,
    with the default, where not all is (collapse_max_ptes_none(), collapse_max_ptes_shared())."""
    none = (option >> 4) % 512 if option & 8 else 511
    shared = (option >> 6) % 8 if option & 2 else 256
    khugepaged = not option & 1
    vma = machine.vma
    if not khugepaged:
        none = shared = 512
    elif order < _PMD_ORDER:
        none, shared = (1 << order) - 1 if none == 511 else 0, 0
    if vma.uffd_wp or vma.uffd_rwp:
        none = 0
    return Limits(none, shared, khugepaged)


def copy(machine: Machine, scenario: Scenario) -> Results:
    """collapse_copy.h; the caller maps the new folio, and counts it once. Why one is refused is not compared."""
    option = scenario.options
    order = 2 + option[1] % 8 if machine.kernel.collapses_any_order and option[1] else _PMD_ORDER
    slot = scenario.start + option[2] % (scenario.end - scenario.start) & ~((1 << order) - 1)
    for folio in machine.memory:
        folio.refs -= 1
    into = Folio(FolioKind.ANON, 1 << 20, order)
    refused = collapse(machine, slot, into, limits(machine, option[0], order), small=order < _PMD_ORDER)
    for folio in machine.memory:
        folio.refs += 1
    if refused:
        return {"returns": REFUSED}
    machine.mm.count(Rss.ANON, -(1 << order))
    assert slot // SLOTS == (slot + (1 << order) - 1) // SLOTS
    return {"returns": 1}
