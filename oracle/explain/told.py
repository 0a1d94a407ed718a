# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reference has a word on: the scenarios of each entry, and the rows of what it leaves."""

from __future__ import annotations

from oracle.entries import OWN_FAILING, entry
from oracle.explain.calls import function, reference_of
from oracle.explain.refine import Rows
from oracle.explain.state import REFUSED
from oracle.order import row_of
from oracle.wire import AGENT, FAILS, Scenario, names, words


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
