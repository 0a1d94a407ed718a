# SPDX-License-Identifier: GPL-2.0-or-later
"""How the reverse-map walks are called on a scenario: the reference's side of oracle/entries/rmap_walk.h and of the
adapters that include it. Each is given a folio that the VMA maps, and where its first page is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from oracle.explain.start import PFN_BASE, SWAP_CACHE_TYPE
from oracle.explain.state import Results, lru_of
from oracle.reference.folio import Folio
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.migrate import migrate, remove_migration
from oracle.reference.walkers.referenced import make_old, referenced
from oracle.reference.walkers.unmap import Unmap, unmap
from oracle.wire import Scenario, Slot, names

_MIGRATING = ("MIG_READ", "MIG_EXCL", "MIG_WRITE")
_PLACED = ("PAGE", *_MIGRATING, "DEV_EXCL", "PMD", "DEV_PRIV", "CACHED", "SWAPCACHED")


def _kind(slot: Slot) -> str:
    return names("SLOT_KINDS")[slot.kind]


def _from(scenario: Scenario, kinds: Collection[str]) -> Iterator[Slot]:
    """w_slot_from(): the slots of the range of some kinds, from option 0 on."""
    n = scenario.end - scenario.start
    for k in range(n):
        slot = scenario.slots[scenario.start + (scenario.options[0] + k) % n - scenario.first]
        if _kind(slot) in kinds:
            yield slot


def folio_of(machine: Machine, scenario: Scenario, number: int) -> Folio:
    folio = machine.memory.folio(PFN_BASE + scenario.folios[number].pfn)
    assert folio is not None
    return folio


def first_slot(scenario: Scenario, number: int) -> int:
    """Where the first page of a folio is: as put_slot() in world/image.c has folio->index, by the last entry."""
    return max(
        (at, scenario.first + at - slot.index)
        for at, slot in enumerate(scenario.slots)
        if slot.folio == number and _kind(slot) in _PLACED
    )[1]


def victim(machine: Machine, scenario: Scenario, kinds: Collection[str] = ()) -> tuple[Folio, int] | None:
    """The folio that the walk is for, and where its first page is."""
    mapped = ("PAGE", "DEV_EXCL") if machine.kernel.device_mapped else ("PAGE",)
    slot = next(_from(scenario, kinds or mapped), None)
    if slot is None:
        return None
    return folio_of(machine, scenario, slot.folio), first_slot(scenario, slot.folio)


def unmap_one(machine: Machine, scenario: Scenario) -> Results:
    """try_to_unmap_one.h"""
    found, flags, salt = victim(machine, scenario), scenario.options[1], scenario.salt
    if found is None:
        return {"returns": 0}
    folio, first = found
    alone = not folio.large and not folio.swapcache

    def no_room(offset: int) -> bool:
        """w_swap_dup() in k_rmap.h."""
        return salt & 0xE0 == 0xE0 and offset & 7 == salt >> 8 & 7

    how = Unmap(
        bool(flags & 1), alone and (bool(flags & 8) or (folio.anon and folio.swapbacked)), no_room, SWAP_CACHE_TYPE
    )
    return {"returns": int(unmap(machine, folio, first, how))}


def migrate_one(machine: Machine, scenario: Scenario) -> Results:
    """try_to_migrate_one.h"""
    found = victim(machine, scenario)
    if found is None:
        return {"returns": 0}
    folio, first = found
    return {"returns": int(migrate(machine, folio, first, bool(scenario.options[1] & 4) and not folio.large))}


def _target(machine: Machine, scenario: Scenario, number: int) -> Folio:
    """The folio after this one, if nothing maps it and it is alike; else this one."""
    wire, folio = scenario.folios, folio_of(machine, scenario, number)
    if number + 1 >= len(wire):
        return folio
    old, new = wire[number], wire[number + 1]
    taken = any(s.folio == number + 1 and _kind(s) in ("PAGE", *_MIGRATING, "DEV_EXCL") for s in scenario.slots)
    if taken or (new.order, new.kind, new.bits) != (old.order, old.kind, old.bits):
        return folio
    return folio_of(machine, scenario, number + 1)


def restore(machine: Machine, scenario: Scenario) -> Results:
    """remove_migration_pte.h"""
    slot = next(_from(scenario, _MIGRATING), None)
    if slot is None:
        return {"returns": 0}
    old = folio_of(machine, scenario, slot.folio)
    new = _target(machine, scenario, slot.folio) if scenario.options[1] & 1 else old
    first = first_slot(scenario, slot.folio)
    zeroes = scenario.salt >> 4 & 3 == 3  # pages_identical() of k_misc.h
    alone = new is old and old.anon and not old.large and not old.mlocked
    remove_migration(machine, old, new, first, zero=bool(scenario.options[1] & 2) and alone and zeroes)
    return {"returns": 1}


def use(machine: Machine, scenario: Scenario) -> Results:
    """folio_referenced_one.h; an mm that goes away, or that the OOM killer has been at, keeps what only it maps."""
    found = victim(machine, scenario)
    if found is None:
        return {"returns": 0}
    folio, first = found
    ends = scenario.options[2] & 1 or scenario.options[2] & 6 == 6
    if ends and folio.anon and folio.swapbacked and not folio.maybe_mapped_shared and not machine.vma.locked:
        return {"returns": 0, "result 0": -1, "result 1": folio.mapcount}
    left = folio.mapcount
    used = referenced(machine, folio, first)
    left -= used.entries
    number = next(i for i, wire in enumerate(scenario.folios) if PFN_BASE + wire.pfn == folio.pfn)
    marked = lru_of(scenario, scenario.options[1])[number].young
    slots = machine.mm.tables.slots
    if used.locked:
        whole = used.entries == folio.nr and first // slots == (first + folio.nr - 1) // slots
        left += whole and not folio.large and not machine.kernel.counts_small_locked
        return {"returns": int(not whole and left > 0), "result 0": int(marked and not whole), "result 1": left}
    return {"returns": int(left > 0), "result 0": int(used.any or marked), "result 1": left}


def untold_use(scenario: Scenario) -> bool:
    """The multi-generational LRU ages neighbours as well, and a secondary MMU has accessed bits of its own: neither
    is known to the reference."""
    return bool(scenario.salt >> 11 & 1 or scenario.salt >> 15 & 1)


def idle(machine: Machine, scenario: Scenario) -> Results:
    """page_idle_clear_pte_refs_one.h; that the folio was used is kept where the reference does not see it."""
    found = victim(machine, scenario)
    if found is None:
        return {"returns": 0}
    make_old(machine, *found)
    return {"returns": 1}
