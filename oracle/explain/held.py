# SPDX-License-Identifier: GPL-2.0-or-later
"""How the functions that hand out pages are called on a scenario: GUP's."""

from __future__ import annotations

from dataclasses import replace

from oracle.explain.start import PFN_BASE
from oracle.explain.state import Results, signed
from oracle.reference.folio import ZERO_PFN
from oracle.reference.pte import PROTNONE
from oracle.reference.walkers.gup import Asked, follow
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names


def asked_of(option: int) -> Asked:
    """w_asked_how() of follow_page_pte.h."""
    how = option & 3
    return Asked(
        get=how == 1, pin=how > 1, longterm=how == 3, write=bool(option & 4), touch=bool(option & 8),
        force=bool(option & 16), hints=bool(option & 32), dump=option & 0xC3 == 0xC1,
    )  # fmt: skip


def number(pfn: int) -> int:
    """Of a page in the simulated memory, where the zero page stands first; what is no page as it is."""
    return pfn if pfn < 0 else 0 if pfn == ZERO_PFN else pfn - PFN_BASE


def accessible(scenario: Scenario) -> bool:
    """w_inaccessible() of follow_page_pte.h."""
    usable = any(names("SLOT_KINDS")[s.kind] == "PAGE" and not s.bits & PROTNONE for s in scenario.slots)
    return usable or not scenario.options[1] & 1


def one_by_one(machine: Machine, scenario: Scenario) -> Results:
    """follow_page_pte.h: how many pages, which, and how many of them are pinned; all are given back in the end."""
    asked, can_be_used = asked_of(scenario.options[0]), accessible(scenario)
    machine.vma = replace(machine.vma, write=machine.vma.write and can_be_used)
    pages = [
        number(follow(machine, slot, asked, can_be_used, bool(scenario.options[2] & 1)))
        for slot in range(scenario.start, scenario.end)
    ]
    digest = 0
    for page in pages:
        digest = digest * 31 + page
    pins = sum(page > 0 for page in pages) * asked.pin
    return {"returns": 0, "result 0": sum(page >= 0 for page in pages), "result 1": signed(digest), "result 2": pins}
