# SPDX-License-Identifier: GPL-2.0-or-later
"""How each entry is called on a scenario: the reference's side of the adapters in oracle/entries/. What of it the
reference has no word on is in told.py."""

from __future__ import annotations

from collections.abc import Callable

from oracle.explain import (
    cleaned,
    collapsed,
    collected,
    faults,
    filled,
    huge,
    looks,
    merged,
    relocated,
    swapped,
    touched,
    walks,
)
from oracle.explain.start import SWAP_CACHE_TYPE
from oracle.explain.state import Results
from oracle.explain.walks import victim
from oracle.reference.folio import Folio
from oracle.reference.pte import EXEC, PROTNONE, WRITE
from oracle.reference.table import SLOTS, Vma
from oracle.reference.walkers.fork import child_of, fork
from oracle.reference.walkers.machine import Machine, page_prot, wants_write_notice
from oracle.reference.walkers.madvise import madvise_free
from oracle.reference.walkers.move import move
from oracle.reference.walkers.protect import Change, Numa, protect
from oracle.reference.walkers.unmap import Unmap, unmap
from oracle.reference.walkers.zap import Zap, zap
from oracle.wire import EXITS, Scenario


def other_tables(entry: str, scenario: Scenario) -> tuple[str, int]:
    """What the other tables are called, and the slot of their entry 0."""
    if entry == "copy_pte_range":
        return "child PTE", scenario.start
    moved = entry in {"move_pages_pte", "move_pages_ptes"}
    return "new PTE", relocated.destination(scenario) if moved else destination(scenario)


def destination(scenario: Scenario) -> int:
    """move_ptes.h: the slot of the first entry in the table it is moved to."""
    n = scenario.end - scenario.start
    to = scenario.options[0]
    return to % (SLOTS - n + 1) if to else scenario.start % SLOTS


def _move(machine: Machine, scenario: Scenario) -> Results:
    return {"returns": move(machine, scenario.start, scenario.end, destination(scenario))}


def _zap(machine: Machine, scenario: Scenario) -> Results:
    what, exits = scenario.options[0] % 5, bool(scenario.mm & EXITS)
    gone = zap(machine, scenario.start, scenario.end, Zap(what in {1, 3}, what in {2, 3} or exits, what == 4))
    return {"returns": 0, "result 0": int(gone)}


def _node(scenario: Scenario) -> Callable[[Folio], int]:
    """k_sched.h: two nodes that alternate every 2M."""
    return lambda folio: looks.node(scenario, folio)


def _numa(scenario: Scenario) -> Numa:
    salt = scenario.salt
    return Numa(_node(scenario), here=salt >> 2 & 1, single=not salt >> 5 & 1, normal=bool(salt >> 3 & 1))


def _new_prot(vma: Vma, to: int) -> int:
    """change_pte_range.h: what the VMA allows from now on; its flags change with it."""
    quiet = wants_write_notice(vma) and vma.soft_dirty and not vma.uffd_wp
    vma.write = vma.write and to not in {1, 2}
    special = {1: 0, 2: PROTNONE, 3: EXEC, 5: page_prot(vma) & ~EXEC}
    return WRITE if to == 4 and quiet else special.get(to, page_prot(vma))


def _protect(machine: Machine, scenario: Scenario) -> Results:
    vma = machine.vma
    what = scenario.options[0] % 4
    if what >= 2 and not vma.uffd_wp and not vma.uffd_rwp:
        what = 0
    prot = _new_prot(vma, scenario.options[1] % 6) if what == 0 else page_prot(vma)
    upgrade = wants_write_notice(vma) if vma.shared else vma.write
    reads = vma.uffd_rwp
    change = Change(
        PROTNONE if what == 1 or (what == 2 and reads) else prot,
        _numa(scenario) if what == 1 else None,
        protect=what == 2,
        resolve=what == 3,
        reads=reads,
        try_write=upgrade and (what == 3 or (what == 0 and not prot & WRITE)),
        markers=vma.file or bool(scenario.salt >> 6 & 1),
    )
    return {"returns": protect(machine, scenario.start, scenario.end, change)}


def _fork(machine: Machine, scenario: Scenario) -> Results:
    machine.other_vma = child_of(machine.vma, uffd=not scenario.options[0] & 1)
    return {"returns": fork(machine, scenario.start, scenario.end)}


def _free(machine: Machine, scenario: Scenario) -> Results:
    return {"returns": madvise_free(machine, scenario.start, scenario.end)}


def _unmap(machine: Machine, scenario: Scenario) -> Results:
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


CALLS: dict[str, Callable[[Machine, Scenario], Results]] = {
    "change_pte_range": _protect,
    "clean_record_pte": cleaned.record,
    "__collapse_huge_page_copy": collapsed.copy,
    "__collapse_huge_page_isolate": collapsed.isolate,
    "collapse_scan_pmd": collapsed.scan,
    "copy_pte_range": _fork,
    "do_anonymous_page": touched.missing,
    "do_fault": faults.missing,
    "do_numa_page": touched.hinted,
    "do_swap_page": swapped.fault,
    "do_wp_page": touched.protected,
    "filemap_map_pages": faults.around,
    "finish_fault": faults.finish,
    "folio_referenced_one": walks.use,
    "guard_remove_pte_entry": looks.unguard,
    "handle_pte_fault": swapped.anything,
    "hpage_collapse_scan_pmd": collapsed.scan,
    "insert_page": filled.one,
    "insert_pages": filled.several,
    "insert_pfn": filled.pfn,
    "madvise_cold_or_pageout_pte_range": looks.cold,
    "madvise_free_pte_range": _free,
    "mfill_atomic_install_pte": filled.page,
    "mfill_atomic_pte_poison": filled.poison,
    "mfill_atomic_pte_zeropage": filled.zeropage,
    "migrate_vma_collect_pmd": collected.table,
    "migrate_vma_insert_page": filled.new_page,
    "mincore_pte_range": looks.incore,
    "mlock_pte_range": looks.mlock,
    "move_pages_pte": relocated.move,
    "move_pages_ptes": relocated.move,
    "move_ptes": _move,
    "page_idle_clear_pte_refs_one": walks.idle,
    "page_mkclean_one": cleaned.shared,
    "queue_folios_pte_range": looks.policy,
    "remap_pte_range": filled.pfns,
    "remove_migration_pte": walks.restore,
    "replace_page": merged.merge,
    "__split_huge_pmd_locked": huge.split,
    "swapin_walk_pmd_entry": looks.read_ahead,
    "try_collapse_pte_mapped_thp": collapsed.file,
    "try_to_migrate_one": walks.migrate_one,
    "try_to_unmap_one": _unmap,
    "unuse_pte": swapped.off,
    "walk_pte_range": looks.generations,
    "wp_pte": cleaned.protect,
    "write_protect_page": merged.protect,
    "zap_pte_range": _zap,
}
