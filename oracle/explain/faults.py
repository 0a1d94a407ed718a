# SPDX-License-Identifier: GPL-2.0-or-later
"""How faults on a file's pages are called on a scenario: the reference's side of fault.h, finish_fault.h and
filemap_map_pages.h in oracle/entries/."""

from __future__ import annotations

from collections.abc import Collection

from oracle.explain.state import Results
from oracle.explain.walks import first_slot, folio_of
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.walkers.faultaround import finish_fault, map_around
from oracle.reference.walkers.machine import Machine
from oracle.wire import Scenario, names

# VM_FAULT_*
SIGBUS, HWPOISON, NOPAGE, LOCKED = 0x2, 0x10, 0x100, 0x200
_TRUNCATED = 5
_FAR = 1 << 16  # beyond the slots of any page size


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
    # Without the entry that was read before, any that is not none has changed.
    if not pte.none and (pte.present or not how & 2):
        return {"returns": NOPAGE}
    _finish(machine, scenario, at, folio, slot.index, write)
    return {"returns": 0}


def _finish(machine: Machine, scenario: Scenario, at: int, folio: Folio, page: int, write: bool) -> None:
    """Map the page, or its copy for a write to a private mapping. The reference that a copy comes with is the
    mapping's; what is written to in the file is dirty."""
    vma, first = machine.vma, at - page
    copied = write and not vma.shared
    inside = is_shmem(machine) or first + folio.nr <= _open_file(scenario, scenario.options[1])
    whole = inside and (_may_be_whole(machine) or (vma.shared and is_shmem(machine)))
    target, number = (machine.new_folio(), 0) if copied else (folio, page)
    target.refs -= copied
    finish_fault(machine, at, target, number, write, whole)
    folio.dirty |= write and not copied


def _fault(machine: Machine, scenario: Scenario, at: int) -> tuple[Folio, int] | int:
    """w_get_page(): the page that the file system hands out, or why there is none."""
    for number, wire in enumerate(scenario.folios):
        folio = folio_of(machine, scenario, number)
        if folio.anon or number not in _placed(scenario):
            continue
        page = at - first_slot(scenario, number)
        if 0 <= page < 1 << wire.order:
            gone = folio.locked or _odd(machine, scenario, 6, number) == _TRUNCATED
            if gone or at >= _open_file(scenario, scenario.options[1]):
                return SIGBUS
            return HWPOISON if page == poisoned(scenario, number, 6) else (folio, page)
    return SIGBUS


def missing(machine: Machine, scenario: Scenario) -> Results:
    """do_fault.h: a read may be done with what lies around; a write to a shared mapping is told to the file system."""
    how, file, race = scenario.options[2], scenario.options[4], scenario.options[5] % 16
    at, vma = slot_with(scenario, ("CACHED", "NONE", "PAGE") if race == 1 else ("CACHED", "NONE")), machine.vma
    if at is None:
        return {"returns": 0}
    none = machine.mm.tables[at].none
    write = bool(how & 1) and (vma.write or (not vma.shared and bool(how & 4)))
    if race == 2:  # such a file has no pages
        return {"returns": SIGBUS if none else NOPAGE}
    if not write and file & 1 and file & 8 and not vma.uffd_wp and scenario.options[7] & 7:
        return {"returns": NOPAGE}
    found = _fault(machine, scenario, at)
    if isinstance(found, int):
        return {"returns": found}
    locked = 0 if file & 4 else LOCKED
    if race == 1 and not none:
        return {"returns": locked | NOPAGE}
    _finish(machine, scenario, at, *found, write)
    return {"returns": locked}


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


def _placed(scenario: Scenario) -> set[int]:
    """The folios that have a place in the VMA."""
    return {s.folio for s in scenario.slots if names("SLOT_KINDS")[s.kind] in ("PAGE", "CACHED")}


def _odd(machine: Machine, scenario: Scenario, option: int, number: int) -> int:
    """w_odd_folio(): what is up with the folio; some of it with those only that nothing maps."""
    odd = scenario.options[option]
    what = odd // 41 % 6
    if odd % len(scenario.folios) != number:
        return 0
    return 0 if what in {1, _TRUNCATED} and folio_of(machine, scenario, number).mapcount else what


def _mappable(machine: Machine, scenario: Scenario) -> list[tuple[int, Folio]]:
    """The folios of the file that are there and not locked, read or marked for readahead."""
    found = []
    for i in sorted(_placed(scenario)):
        folio = folio_of(machine, scenario, i)
        if not folio.anon and not folio.locked and _odd(machine, scenario, 4, i) not in {1, 2, _TRUNCATED}:
            found.append((i, folio))
    return found


def poisoned(scenario: Scenario, number: int, option: int = 4) -> int:
    """The page of the folio that is poisoned, or -1."""
    odd = scenario.options[option]
    if odd % len(scenario.folios) != number or odd // 41 % 6 != 4:
        return -1
    return odd // 41 // 6 % (1 << scenario.folios[number].order)
