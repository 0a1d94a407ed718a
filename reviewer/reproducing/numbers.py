# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of a scenario: whether any table has them, and a PMD that maps 2M as the PTEs that would."""

from __future__ import annotations

from oracle.flavours import Flavour
from oracle.wire import Scenario, Slot, names
from reviewer.reproducing.model import NO_TABLE, CannotError

# Entries that stand for a page of a folio.
ON_FOLIO = ("PAGE", "CACHED", "DEV_EXCL")
# Entries of pages under migration, and what they are of the page's own one.
BEFORE = {
    "MIG_READ": frozenset[str](),
    "MIG_EXCL": frozenset({"EXCL"}),
    "MIG_WRITE": frozenset({"EXCL", "WRITE"}),
}


def checked(scenario: Scenario, flavour: Flavour) -> None:
    """CannotError for numbers that no scenario of ours has: a finding may come from anywhere."""
    most = 2 << (flavour.page_shift - 3)
    ends = (scenario.first, scenario.first + len(scenario.slots), scenario.start, scenario.end, scenario.vma_first,
            scenario.vma_end)  # fmt: skip
    orders = range(flavour.page_shift - 2)
    good = all(0 <= end <= most for end in ends) and scenario.start < scenario.end and bool(scenario.slots)
    good = good and all(f.order in orders and 0 <= f.kind < len(names("FOLIO_KINDS")) for f in scenario.folios)
    kinds = range(len(names("SLOT_KINDS")))
    good = good and all(s.kind in kinds and 0 <= s.index <= 1 << 20 for s in scenario.slots)
    if not good or not all(0 <= s.folio < len(scenario.folios) for s in scenario.slots if _maps(s)):
        raise CannotError(NO_TABLE, "its numbers are of no table that there can be")


def _maps(slot: Slot) -> bool:
    return names("SLOT_KINDS")[slot.kind] in (*ON_FOLIO, *BEFORE, "SWAPCACHED", "PMD")


def under_migration(scenario: Scenario) -> bool:
    return any(names("SLOT_KINDS")[slot.kind] in BEFORE for slot in scenario.slots)


def one_by_one(scenario: Scenario, flavour: Flavour) -> tuple[Scenario, frozenset[int]]:
    """The scenario with the pages that a PMD maps as those of a table, and which folios these are."""
    none, pmd, page = (names("SLOT_KINDS").index(kind) for kind in ("NONE", "PMD", "PAGE"))
    slots, per_table = list(scenario.slots), 1 << (flavour.page_shift - 3)
    huge = {n: slot for n, slot in enumerate(slots) if slot.kind == pmd}
    for n, slot in huge.items():
        whole = 1 << scenario.folios[slot.folio].order == per_table
        if not whole or (scenario.first + n) % per_table or any(s.kind != none for s in slots[n + 1 : n + per_table]):
            raise CannotError(NO_TABLE, "its numbers are of no table that there can be")
        slots[n : n + per_table] = [Slot(page, slot.bits, slot.folio, index) for index in range(per_table)]
    return scenario.change(slots=tuple(slots)), frozenset(slot.folio for slot in huge.values())
