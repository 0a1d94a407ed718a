# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference's side of an entry's row: its functions by their names, how they are called, and what they have a word
on: the scenarios of each entry, and the rows of what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from oracle.entries import OWN_FAILING, Reference, entry, generic
from oracle.explain.refine import Rows
from oracle.explain.state import REFUSED, Results
from oracle.families import traits
from oracle.order import row_of
from oracle.reference.table import SLOTS
from oracle.reference.walkers.machine import Machine
from oracle.wire import AGENT, FAILS, Scenario, names, words


@cache
def function(name: str) -> Callable[..., Any]:
    """ "looks:incore" -> incore() of oracle/explain/looks.py; AttributeError or ImportError where there is none."""
    module, _, inside = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"oracle.explain.{module}"), inside)
    return found


def reference_of(name: str) -> Reference | None:
    """What the row of an entry says of the reference; None without a walker."""
    known = entry(name)
    return known.reference if known else None


def traits_of(name: str) -> frozenset[str]:
    """What the family of an entry says of it (world/family.h)."""
    known = entry(name)
    return traits(known.adapter) if known else frozenset()


# Which differences are right in a family only, by their names in refine.py.
_ALLOWED = {"PROTECTS": {"follows-merge"}, "AGES": {"aged-with-its-block", "dirty-of-its-batch"}}


@cache
def allowed(name: str) -> frozenset[str]:
    """The differences that are right in this entry, or in its family, only."""
    reference, family = reference_of(name), traits_of(name)
    of_family = (names for trait, names in _ALLOWED.items() if trait in family)
    return frozenset(reference.allows if reference else ()).union(*of_family)


def call(name: str, machine: Machine, scenario: Scenario) -> Results:
    """What an entry has to do to the machine. Raises KeyError for one without a walker."""
    reference = reference_of(name)
    if reference is None:
        raise KeyError(name)
    results: Results = function(reference.call)(machine, scenario)
    return results


def other_tables(name: str, scenario: Scenario, slots: int = SLOTS) -> tuple[str, int]:
    """What the other tables are called, and the slot of their entry 0. slots: entries of a page table."""
    known = entry(name) or generic(name, "")
    label = "child PTE" if "COPIES" in traits(known.adapter) else "new PTE"
    return label, function(known.destination)(scenario, slots)


def tells(name: str, scenario: Scenario) -> bool:
    """Whether the reference has a word on this: there is a walker, all in the table are PTEs, and nothing but the code
    under test acts or fails."""
    reference = reference_of(name)
    if reference is None or scenario.mm & AGENT or unfailing(name, scenario) != scenario:
        return False
    if reference.untold and function(reference.untold)(scenario):
        return False
    return all(names("SLOT_KINDS")[x.kind] != "PMD" for x in scenario.slots)


def unfailing(name: str, scenario: Scenario) -> Scenario:
    """The scenario without injected failures: how far an entry gets then is no matter of what is right for it."""
    known = entry(name)
    if known is None or OWN_FAILING not in known.options:
        return scenario.change(mm=scenario.mm & ~FAILS) if scenario.fails else scenario
    at = known.options.index(OWN_FAILING)
    if not scenario.options[at] & 7:
        return scenario
    return scenario.change(options=(*scenario.options[:at], 0, *scenario.options[at + 1 :]))


def told(name: str, real: Rows) -> Rows:
    """The real rows that the reference has a word on: it calls nothing, and knows no barriers."""
    reference = reference_of(name)
    assert reference is not None
    dropped = {"stub calls", *map(row_of, words("BARRIERS")), *reference.unsaid}
    rows = {label: text for label, text in real.items() if label not in dropped}
    if reference.done is not None and rows.get("returns") != str(reference.done):
        rows["returns"] = str(REFUSED)
    return rows
