"""How each entry is called on a scenario: the reference's side of the adapters in oracle/entries/."""

from __future__ import annotations

from collections.abc import Callable

from oracle.explain.start import has
from oracle.reference.table import SLOTS
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.move import move
from oracle.reference.walkers.zap import Zap, zap
from oracle.wire import Scenario

Results = dict[str, int]
"""What the call hands back, by the label of its row."""


def destination(scenario: Scenario) -> int:
    """move_ptes.h: the slot of the first entry in the table it is moved to."""
    n = scenario.end - scenario.start
    to = scenario.options[0]
    return to % (SLOTS - n + 1) if to else scenario.start % SLOTS


def _move(machine: Machine, scenario: Scenario) -> Results:
    return {"returns": move(machine, scenario.start, scenario.end, destination(scenario))}


def _zap(machine: Machine, scenario: Scenario) -> Results:
    what, exits = scenario.options[0] % 5, bool(scenario.mm & 2)
    gone = zap(machine, scenario.start, scenario.end, Zap(what in {1, 3}, what in {2, 3} or exits, what == 4))
    return {"returns": 0, "result 0": int(gone)}


CALLS: dict[str, Callable[[Machine, Scenario], Results]] = {
    "move_ptes": _move,
    "zap_pte_range": _zap,
}
