# SPDX-License-Identifier: GPL-2.0-or-later
"""How the functions that hand out pages are called on a scenario: GUP's, and those that tell devices of them."""

from __future__ import annotations

from dataclasses import replace

from oracle.explain.start import PFN_BASE
from oracle.explain.state import REFUSED, Results, digest
from oracle.reference.folio import ZERO_PFN, Folio
from oracle.reference.pte import PROTNONE
from oracle.reference.walkers.gup import Asked, follow, take
from oracle.reference.walkers.hmm import VALID, WRITABLE, tell
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
    pins = sum(page > 0 for page in pages) * asked.pin
    return {"returns": 0, "result 0": sum(page >= 0 for page in pages), "result 1": digest(pages), "result 2": pins}


def lockless(machine: Machine, scenario: Scenario) -> Results:
    """gup_fast_pte_range.h: up to the first page that it does not get."""
    how = scenario.options[0]
    asked = Asked(get=not how & 1, pin=bool(how & 1), longterm=how & 3 == 3, write=bool(how & 4))

    def movable(folio: Folio) -> bool:
        """folio_is_zone_movable() of k_walk.h."""
        return folio.pfn - PFN_BASE >> 2 & 7 == scenario.salt >> 9 & 15

    got: list[int] = []
    for slot in range(scenario.start, scenario.end):
        page = number(take(machine, slot, asked, movable))
        if page < 0:
            break
        got.append(page)
    every = len(got) == scenario.end - scenario.start
    return {"returns": int(every), "result 0": len(got), "result 1": digest(got)}


def numbers(machine: Machine, scenario: Scenario) -> Results:
    """hmm_vma_walk_pmd.h: up to the first page that a fault has to come for; the rest stays as it was asked."""
    every, mask, each, owners = scenario.options[:4]

    def asked(n: int) -> int:
        """REQ_FAULT is VALID, REQ_WRITE is WRITE: what the number has to say then."""
        return (0, VALID, VALID | WRITABLE)[n % 3]

    def own(folio: Folio) -> bool:
        at = next(i for i, wire in enumerate(scenario.folios) if PFN_BASE + wire.pfn == folio.pfn)
        return bool(owners + at & 3)

    told = [asked(each >> (i & 7)) for i in range(scenario.end - scenario.start)]
    done = 0
    for i, slot in enumerate(range(scenario.start, scenario.end)):
        said = tell(machine, slot, told[i] & asked(mask) | asked(every), own)
        if said is None:
            done = REFUSED
            break
        told[i] = said
    return {"returns": done, "result 1": digest(told)}


def raced(scenario: Scenario) -> bool:
    """What other CPUs do meanwhile is no matter of one entry."""
    return bool(scenario.options[1] & 3)
