# SPDX-License-Identifier: GPL-2.0-or-later
"""How what /proc tells and forgets of a range is called on a scenario."""

from __future__ import annotations

from oracle.explain.state import Results
from oracle.reference.walkers.clear_refs import forget_use, forget_write
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario


def forget(machine: Machine, scenario: Scenario) -> Results:
    """clear_refs_pte_range.h"""
    writes = bool(scenario.options[0] & 1)
    machine.vma.soft_dirty &= not writes
    for slot in range(scenario.start, scenario.end):
        (forget_write if writes else forget_use)(machine, slot)
    return {"returns": 0}
