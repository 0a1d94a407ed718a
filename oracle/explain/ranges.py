# SPDX-License-Identifier: GPL-2.0-or-later
"""How the walks of a range of PTEs are called on a scenario: move, zap, protect, fork and lazy freeing."""

from __future__ import annotations

from collections.abc import Callable

from oracle.explain import looks
from oracle.explain.state import Results, in_one_table
from oracle.reference.folio import Folio
from oracle.reference.pte import EXEC, PROTNONE, WRITE
from oracle.reference.table import Vma
from oracle.reference.walkers.fork import child_of, fork
from oracle.reference.walkers.machine import Machine, page_prot, wants_write_notice
from oracle.reference.walkers.madvise import madvise_free
from oracle.reference.walkers.move import move
from oracle.reference.walkers.protect import Change, Numa, protect
from oracle.reference.walkers.zap import Zap, zap
from oracle.wire import EXITS, Scenario


def moved(machine: Machine, scenario: Scenario) -> Results:
    """move_ptes.h"""
    return {"returns": move(machine, scenario.start, scenario.end, in_one_table(scenario, machine.mm.tables.slots))}


def zapped(machine: Machine, scenario: Scenario) -> Results:
    """zap_pte_range.h"""
    what, exits = scenario.options[0] % 5, bool(scenario.mm & EXITS)
    gone = zap(machine, scenario.start, scenario.end, Zap(what in {1, 3}, what in {2, 3} or exits, what == 4))
    return {"returns": 0, "result 0": int(gone)}


def _node(scenario: Scenario) -> Callable[[Folio], int]:
    """k_sched.h: two nodes that alternate every 2M."""
    return lambda folio: looks.node(scenario, folio)


def _numa(scenario: Scenario) -> Numa:
    salt = scenario.salt
    return Numa(_node(scenario), here=salt >> 2 & 1, single=not salt >> 5 & 1, normal=bool(salt >> 3 & 1))


def _new_prot(vma: Vma, to: int) -> int:
    """change_pte_range.h: what the VMA allows from now on; its flags change with it."""
    quiet = wants_write_notice(vma) and vma.soft_dirty and not vma.uffd_wp
    vma.write = vma.write and to not in {1, 2}
    special = {1: 0, 2: PROTNONE, 3: EXEC, 5: page_prot(vma) & ~EXEC}
    return WRITE if to == 4 and quiet else special.get(to, page_prot(vma))


def changed(machine: Machine, scenario: Scenario) -> Results:
    """change_pte_range.h"""
    vma = machine.vma
    what = scenario.options[0] % 4
    if what >= 2 and not vma.uffd_wp and not vma.uffd_rwp:
        what = 0
    prot = _new_prot(vma, scenario.options[1] % 6) if what == 0 else page_prot(vma)
    upgrade = wants_write_notice(vma) if vma.shared else vma.write
    reads = vma.uffd_rwp
    change = Change(
        PROTNONE if what == 1 or (what == 2 and reads) else prot,
        _numa(scenario) if what == 1 else None,
        protect=what == 2,
        resolve=what == 3,
        reads=reads,
        try_write=upgrade and (what == 3 or (what == 0 and not prot & WRITE)),
        markers=vma.file or bool(scenario.salt >> 6 & 1),
    )
    return {"returns": protect(machine, scenario.start, scenario.end, change)}


def copied(machine: Machine, scenario: Scenario) -> Results:
    """copy_pte_range.h"""
    machine.other_vma = child_of(machine.vma, uffd=not scenario.options[0] & 1)
    return {"returns": fork(machine, scenario.start, scenario.end)}


def freed(machine: Machine, scenario: Scenario) -> Results:
    """madvise_free_pte_range.h"""
    return {"returns": madvise_free(machine, scenario.start, scenario.end)}
