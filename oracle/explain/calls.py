# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference's side of an entry's row: its functions by their names, and how they are called."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from oracle.entries import Reference, entry
from oracle.explain.state import Results
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario

# Tables of entries that have no walker are told as those of most.
_OTHER = Reference("")


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


def call(name: str, machine: Machine, scenario: Scenario) -> Results:
    """What an entry has to do to the machine. Raises KeyError for one without a walker."""
    reference = reference_of(name)
    if reference is None:
        raise KeyError(name)
    results: Results = function(reference.call)(machine, scenario)
    return results


def other_tables(name: str, scenario: Scenario) -> tuple[str, int]:
    """What the other tables are called, and the slot of their entry 0."""
    reference = reference_of(name) or _OTHER
    return reference.other, function(reference.destination)(scenario)
