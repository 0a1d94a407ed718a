# SPDX-License-Identifier: GPL-2.0-or-later
"""How collecting pages for a device is called on a scenario: the reference's side of
oracle/entries/migrate_collect.h."""

from __future__ import annotations

from oracle.explain.start import has
from oracle.explain.state import Results, digest
from oracle.explain.walks import folio_of
from oracle.reference.folio import Folio
from oracle.reference.walkers.collect import MIGRATE, Collect, collect, give_up
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario


def _faulting(machine: Machine, scenario: Scenario) -> Folio | None:
    """w_faulting(): a page of the device, held and locked by the fault that asks for it."""
    for number, wire in enumerate(scenario.folios if scenario.options[1] & 1 else ()):
        if has(wire.bits, "FOLIO_BITS", "DEVICE") and not has(wire.bits, "FOLIO_BITS", "LOCKED"):
            folio = folio_of(machine, scenario, number)
            folio.get()
            folio.locked = True
            return folio
    return None


def table(machine: Machine, scenario: Scenario) -> Results:
    """migrate_vma_collect_pmd; the table may not be there as yet."""
    option, fault = scenario.options, _faulting(machine, scenario)
    device_only = option[0] % 8 == 1
    mine = option[2] % 4 != 1
    what = Collect(not device_only, mine and (device_only or not option[0] & 1), fault)
    if option[4] % 32 == 1:
        found = [0 if machine.vma.file else MIGRATE] * (scenario.end - scenario.start)
    else:
        found = collect(machine, scenario.start, scenario.end, what)
    give_up(what)
    return {"returns": 0, "result 0": sum(1 for entry in found if entry), "result 1": digest(found)}
