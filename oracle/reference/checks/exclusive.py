# SPDX-License-Identifier: GPL-2.0-or-later
"""E: AnonExclusive, which says that an anonymous page is of this mm alone and may be written without a copy."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.checks.protection import anon_machine
from oracle.reference.folio import Folio, FolioKind
from oracle.reference.pte import DIRTY, NONE, WRITE, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.walkers.fork import child_of, fork
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.protect import Change, protect
from oracle.reference.walkers.unmap import Unmap, unmap


@rule("E1", source="include/linux/page-flags.h PageAnonExclusive; mm/mprotect.c commit_anon_folio_batch")
def asks_mapped_page(pte: Pte, folio: Folio, asked: int) -> str | None:
    """Exclusivity is looked up on the very page that is mapped.

    asked: index of the page whose flag was read. It is kept for each page of a folio mapped by PTEs, for the first one
    when a PMD maps it. Violation: a page gets the answer of another one of its folio.
    """
    page = folio.index(pte.pfn)
    return None if asked == page else f"page {page} is mapped and page {asked} was asked"


@asks_mapped_page.example
def _() -> Example:
    folio, pte = Folio(FolioKind.ANON, 64, order=2), present(66)
    return Example(right=(pte, folio, folio.index(pte.pfn)), wrong=(pte, folio, 0))


@rule("E2", source="mm/page_table_check.c page_table_check_set; mm/memory.c do_wp_page")
def writable_is_exclusive(pte: Pte, folio: Folio) -> str | None:
    """A writable private anonymous entry maps an exclusive page.

    Violation: one of several mappings is writable, and the others see what is written.
    """
    if pte.present and pte.write and folio.anon and not folio.exclusive[folio.index(pte.pfn)]:
        return f"{pte} is writable, page {folio.index(pte.pfn)} is not exclusive"
    return None


@writable_is_exclusive.example
def _() -> Example:
    folio = Folio(FolioKind.ANON, 64, order=1, exclusive=[True, False])
    return Example(right=(present(64, WRITE | DIRTY), folio), wrong=(present(65, WRITE | DIRTY), folio))


def forked(pinned: bool) -> Machine:
    """A parent with two exclusive, writable pages after fork."""
    bits = WRITE | DIRTY
    machine = anon_machine([present(64, bits), present(65, bits)], [True, True])
    machine.memory.folios[0].pins = int(pinned)
    machine.other_vma, machine.spare = child_of(machine.vma, uffd=False), 96
    fork(machine, 0, 2)
    return machine


@rule("E3", source="include/linux/rmap.h __folio_try_dup_anon_rmap; mm/memory.c copy_present_ptes")
def fork_shares(machine: Machine, slots: range) -> str | None:
    """Fork shares all pages of a batch and write-protects both sides, or undoes all of it.

    A page that both map is exclusive to neither, and a pinned exclusive one is not shared but copied. Violation: one
    side writes a page that the other one reads, or pages of a failed batch keep references.
    """
    for slot in slots:
        parent, child = machine.mm.tables[slot], machine.other.tables[slot]
        folio = machine.memory.normal(child) if child.present else None
        if folio is None or child.pfn != parent.pfn or not folio.anon:
            continue
        if parent.write or child.write or folio.exclusive[folio.index(child.pfn)]:
            return f"slot {slot}: parent {parent}, child {child}, exclusive {folio.exclusive}"
    return None


@fork_shares.example
def _() -> Example:
    wrong = forked(pinned=False)
    wrong.mm.tables[1] = wrong.mm.tables[1].set(WRITE)
    return Example(right=(forked(pinned=True), range(2)), wrong=(wrong, range(2)))


@rule("E4", source="mm/mprotect.c page_anon_exclusive_sub_batch, commit_anon_folio_batch")
def runs_decided_apart(ptes: Sequence[Pte], folio: Folio) -> str | None:
    """A batch is split where exclusivity changes, and each part gets its own write decision.

    ptes: a batch after a change that gives write where it may. Violation: pages of a batch get write, or lose it, by
    what its first page is.
    """
    for pte in ptes:
        if pte.write != folio.exclusive[folio.index(pte.pfn)]:
            return f"{pte}, exclusive {folio.exclusive[folio.index(pte.pfn)]}"
    return None


@runs_decided_apart.example
def _() -> Example:
    ptes = [present(64 + i, DIRTY) for i in range(3)]
    machine = anon_machine(ptes, [True, False, True])
    protect(machine, 0, 3, Change(try_write=True))
    folio = machine.memory.folios[0]
    return Example(right=(machine.mm.tables.entries[:3], folio), wrong=([p.set(WRITE) for p in ptes], folio))


@rule("E5", source="include/linux/rmap.h __folio_try_share_anon_rmap; mm/rmap.c try_to_unmap_one")
def given_up_when_cleared(seen: Pte, folio: Folio, page: int, after: Pte) -> str | None:
    """Exclusivity is given up only after the entry is cleared, and restored on failure.

    seen: the entry in the table at the moment the flag was cleared; after: the entry at the end. GUP-fast reads the
    entry, takes a reference and reads the entry again: cleared first, either it or the check for pins sees the other.
    A swap entry carries exclusiveness on. Violation: a pinned page that is no longer exclusive, or one that gave up
    and stayed mapped.
    """
    if not seen.none:
        return f"the flag was cleared while the entry was {seen}"
    if after.present and not folio.exclusive[page]:
        return f"{after} was put back and its page is no longer exclusive"
    return None


@given_up_when_cleared.example
def _() -> Example:
    machine = anon_machine([present(64, DIRTY)], [True])
    folio = machine.memory.folios[0]
    folio.locked = folio.swapcache = True
    unmap(machine, folio, 0, Unmap(type=1))
    pinned = Folio(FolioKind.ANON, 64, pins=1, refs=2)
    return Example(right=(NONE, folio, 0, machine.mm.tables[0]), wrong=(NONE, pinned, 0, present(64, DIRTY)))


@rule("E6", source="include/linux/rmap.h __folio_dup_file_rmap, __folio_add_rmap; mm/rmap.c folio_add_anon_rmap_ptes")
def exclusive_mapped_once(folio: Folio) -> str | None:
    """An exclusive page is mapped once.

    Violation: two mappings of a page that one of them may write.
    """
    shared = [i for i in range(folio.nr) if folio.exclusive[i] and folio.mapcounts[i] > 1]
    return f"page {shared[0]} is exclusive and mapped {folio.mapcounts[shared[0]]} times" if shared else None


@exclusive_mapped_once.example
def _() -> Example:
    wrong = Folio(FolioKind.ANON, 64, order=1, refs=4)
    wrong.add_rmap(0, 2, exclusive=True)
    wrong.add_rmap(1)
    return Example(right=(forked(pinned=False).memory.folios[0],), wrong=(wrong,))


@rule("E7", source="mm/rmap.c folio_add_anon_rmap_ptes, __folio_add_anon_rmap")
def all_become_exclusive(folio: Folio, first: int, nr: int) -> str | None:
    """An exclusive mapping makes every page of its range exclusive.

    RMAP_EXCLUSIVE, as swap-in gives for a run of exclusive entries. Violation: pages after the first are copied at the
    next write though nobody shares them, or a writable entry maps one that is not exclusive.
    """
    missing = [i for i in range(first, first + nr) if not folio.exclusive[i]]
    return f"pages {missing} of {first}..{first + nr - 1} are not exclusive" if missing else None


@all_become_exclusive.example
def _() -> Example:
    right = Folio(FolioKind.ANON, 64, order=2, refs=5)
    right.add_rmap(1, 3, exclusive=True)
    wrong = Folio(FolioKind.ANON, 64, order=2, exclusive=[False, True, False, False])
    return Example(right=(right, 1, 3), wrong=(wrong, 1, 3))
