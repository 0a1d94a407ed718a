"""How faults on a file's pages are called on a scenario: the reference's side of fault.h, finish_fault.h and
filemap_map_pages.h in oracle/entries/."""

from __future__ import annotations

from collections.abc import Collection

from oracle.explain.start import PFN_BASE
from oracle.explain.state import Results
from oracle.explain.walks import first_slot, folio_of
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.walkers.faultaround import finish_fault, map_around
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

NOPAGE = 0x100  # VM_FAULT_NOPAGE
_FAR = 2 * 1024  # twice the slots: beyond all of them


def slot_with(scenario: Scenario, kinds: Collection[str]) -> int | None:
    """w_slot_with(): a slot of the range of one of the kinds, from option 0 on."""
    n = scenario.end - scenario.start
    for k in range(n):
        at = scenario.start + (scenario.options[0] + k) % n
        if names("SLOT_KINDS")[scenario.slots[at - scenario.first].kind] in kinds:
            return at
    return None


def _open_file(scenario: Scenario, size: int) -> int:
    """w_open_file(): how far the file reaches, in slots of its mapping."""
    return scenario.start + 1 + size % (scenario.end - scenario.start + 8) if size else _FAR


def is_shmem(machine: Machine) -> bool:
    return any(folio.kind is FolioKind.SHMEM for folio in machine.memory)


def _may_be_whole(machine: Machine) -> bool:
    """Whether all of a file's folio is mapped, or may be: that is for each kernel to choose."""
    return machine.around is not None or machine.kernel.maps_whole_files


def finish(machine: Machine, scenario: Scenario) -> Results:
    """finish_fault.h"""
    at = slot_with(scenario, ("CACHED", "PAGE"))
    if at is None:
        return {"returns": 0}
    slot, vma, how = scenario.slots[at - scenario.first], machine.vma, scenario.options[2]
    folio, pte = folio_of(machine, scenario, slot.folio), machine.mm.tables[at]
    if folio.anon or folio.locked:
        return {"returns": 0}
    write = bool(how & 1) and (vma.write or (not vma.shared and bool(how & 4)))
    end = _open_file(scenario, scenario.options[1])
    copied = write and not vma.shared
    inside = is_shmem(machine) or first_slot(scenario, slot.folio) + folio.nr <= end
    whole = inside and (_may_be_whole(machine) or (vma.shared and is_shmem(machine)))
    target, page = (machine.new_folio(), 0) if copied else (folio, slot.index)
    target.refs -= copied  # the reference that it comes with is the mapping's
    # Without the entry that was read before, any that is not none has changed.
    if not pte.none and (pte.present or not how & 2):
        return {"returns": NOPAGE}
    finish_fault(machine, at, target, page, write, whole)
    folio.dirty |= write and not copied
    return {"returns": 0}


def around(machine: Machine, scenario: Scenario) -> Results:
    """filemap_map_pages.h"""
    at = slot_with(scenario, ("CACHED", "NONE", "PAGE"))
    if at is None:
        return {"returns": 0}
    size = 1 << (scenario.options[2] % 10 if scenario.options[2] else 4)
    tables, vma = machine.mm.tables, machine.vma
    table = at // tables.slots * tables.slots
    end = _open_file(scenario, scenario.options[1])
    first = max((at - table) // size * size + table, table, vma.start)
    last = min(first + size, table + tables.slots, vma.end, end)
    found: dict[int, tuple[Folio, int]] = {}
    for number, folio in _mappable(machine, scenario):
        zero = first_slot(scenario, number)
        lost = poisoned(scenario, number)
        slots = range(max(zero, first), min(zero + folio.nr, last))
        within = zero >= max(table, vma.start) and zero + folio.nr <= min(table + tables.slots, vma.end)
        if slots and within and folio.large and _may_be_whole(machine) and (
            is_shmem(machine) or zero + folio.nr <= end - 1
        ):  # fmt: skip
            slots = range(zero, zero + folio.nr)
        found |= {s: (folio, s - zero) for s in slots if s - zero != lost}
    if not found:
        return {"returns": 0}
    start = min(found)
    done = map_around(
        machine, start, [found.get(s) for s in range(start, max(found) + 1)], at, machine.kernel.prefaults_old
    )
    return {"returns": NOPAGE if at in done else 0}


def _mappable(machine: Machine, scenario: Scenario) -> list[tuple[int, Folio]]:
    """The folios of the file that are there and not locked, read or marked for readahead: w_odd_folio()."""
    odd = scenario.options[4]
    number, what = (odd % len(scenario.folios), odd // 41 % 6) if scenario.folios else (0, 0)
    placed = {s.folio for s in scenario.slots if names("SLOT_KINDS")[s.kind] in ("PAGE", "CACHED")}
    found = []
    for i, wire in enumerate(scenario.folios):
        folio = machine.memory.folio(PFN_BASE + wire.pfn)
        assert folio is not None
        unmapped = not folio.mapcount
        skipped = i == number and (what == 2 or (what in {1, 5} and unmapped))
        if i in placed and not folio.anon and not folio.locked and not skipped:
            found.append((i, folio))
    return found


def poisoned(scenario: Scenario, number: int) -> int:
    """The page of the folio that is poisoned, or -1."""
    odd = scenario.options[4]
    if odd % len(scenario.folios) != number or odd // 41 % 6 != 4:
        return -1
    return odd // 41 // 6 % (1 << scenario.folios[number].order)
