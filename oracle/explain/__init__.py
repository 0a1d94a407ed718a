"""The reference as the third column of a judgement: what an entry leaves of a scenario when every entry of the
table is handled alone, in the rows that the runner prints for the real code."""

from __future__ import annotations

from oracle.explain.calls import CALLS, destination
from oracle.explain.rows import rows
from oracle.explain.start import start
from oracle.reference.walkers.kernel import Kernel
from oracle.wire import Scenario

__all__ = ["CALLS", "explain", "start_rows", "zeros"]


def start_rows(entry: str, scenario: Scenario, kernel: Kernel) -> dict[str, str]:
    """The rows of the state that the entry is called on."""
    machine = start(scenario, kernel)
    return rows(scenario, machine, machine, *_new(entry, scenario))


def explain(entry: str, scenario: Scenario, kernel: Kernel) -> dict[str, str]:
    """The rows of the state that the entry has to leave. Raises KeyError for an entry without a walker."""
    machine, before = start(scenario, kernel), start(scenario, kernel)
    results = CALLS[entry](machine, scenario)
    found = rows(scenario, machine, before, *_new(entry, scenario))
    return found | {label: str(value) for label, value in results.items() if value or label == "returns"}


def zeros(entry: str, scenario: Scenario) -> dict[str, int]:
    """The slot of entry 0 by the label of its table."""
    return {"PTE": scenario.start, **dict([_new(entry, scenario)])}


def _new(entry: str, scenario: Scenario) -> tuple[str, int]:
    return ("child PTE", scenario.start) if entry == "copy_pte_range" else ("new PTE", destination(scenario))
