# SPDX-License-Identifier: GPL-2.0-or-later
"""D9 to D11: where userfaultfd, NUMA hints and protection changes bound what one step may do."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import DIRTY, PROTNONE, WRITE, YOUNG, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import Mm, PageTables, Vma
from oracle.reference.walkers.machine import Machine
from oracle.reference.walkers.protect import Change, Numa, can_write, change_present, hint_wanted, protect


def anon_machine(entries: Sequence[Pte], exclusive: Sequence[bool], vma: Vma | None = None) -> Machine:
    """A machine whose first slots map the pages of a large anonymous folio at pfn 64."""
    folio = Folio(FolioKind.ANON, 64, order=2, refs=1, exclusive=[*exclusive, *[False] * (4 - len(exclusive))])
    for i in range(len(entries)):
        folio.add_rmap(i)
        folio.get()
    return Machine(Mm(PageTables(entries)), vma or Vma(0, 4, soft_dirty=True), memory=Memory([folio]))


@rule("D9", source="mm/rmap.c folio_unmap_pte_batch")
def unmaps_one_where_armed(nr: int, vma: Vma, marks_all: bool) -> str | None:
    """In a VMA protected by userfaultfd the reverse map unmaps one entry at a time.

    marks_all: the code installs a marker for every entry of a batch (cond_install_uffd_wp_ptes(), from 7.3 on), and is
    free of the limit. Violation: only the first entry of a batch leaves a marker.
    """
    if vma.uffd_wp and nr > 1 and not marks_all:
        return f"{nr} entries are unmapped at once, one of them leaves a marker"
    return None


@unmaps_one_where_armed.example
def _() -> Example:
    armed = Vma(0, 8, shared=True, file=True, uffd_wp=True)
    return Example(right=(1, armed, False), wrong=(4, armed, False))


@rule("D10", source="mm/mprotect.c change_pte_range; mm/mempolicy.c folio_can_map_prot_numa")
def hints_where_wanted(machine: Machine, was: Sequence[Pte], now: Sequence[Pte], numa: Numa) -> str | None:
    """NUMA hints are batched apart, just those to be skipped are skipped, and none becomes valid.

    Skipped: entries that are such hints already, KSM and device pages, shared or pinned copy-on-write pages, dirty
    file pages, and what is on the right node. Violation: a page that cannot migrate faults for nothing, or one that
    could never does. Or a hint, or what mprotect took all access from, becomes valid without user access, as by folding
    (pte_mkcont(), arch/arm64/include/asm/pgtable.h): it is no hint any more, and a user access faults for ever.
    """
    for i, (old, new) in enumerate(zip(was, now, strict=True)):
        if new.valid and not new.usable:
            return f"entry {i}, {old}, is valid and of no use: {new}"
        wanted = old.protnone or hint_wanted(machine, old, numa)
        if new.protnone != wanted:
            return f"entry {i}, {old}, is {'not ' if wanted else ''}to be a hint and is {new}"
    return None


@hints_where_wanted.example
def _() -> Example:
    was = [present(64, YOUNG), present(65, PROTNONE), present(66, YOUNG)]
    machine, numa = anon_machine(was, [True, True, True]), Numa(lambda _folio: 1)
    protect(machine, 0, 3, Change(PROTNONE, numa))
    return Example(right=(machine, was, machine.mm.tables.entries[:3], numa), wrong=(machine, was, was, numa))


@rule("D11", source="mm/mprotect.c can_change_pte_writable")
def upgrade_allowed(machine: Machine, was: Pte, now: Pte) -> str | None:
    """A protection change makes an entry writable only when that very page may be written.

    The VMA allows writing, no write fault is waited for (soft-dirty, userfaultfd, NUMA), and in a private mapping this
    page is exclusive, in a shared one the entry is dirty. Violation: a write bypasses copy-on-write, a file system or
    userfaultfd.
    """
    if not now.write or was.write or can_write(machine, machine.vma, now.clear(WRITE)):
        return None
    return f"{was} becomes {now}"


@upgrade_allowed.example
def _() -> Example:
    was = present(64, DIRTY | YOUNG)
    machine = anon_machine([was, was.advance(1)], [True, False])
    change = Change(try_write=True)
    new = change_present(machine, was.advance(1), change) or was
    return Example(right=(machine, was.advance(1), new), wrong=(machine, was.advance(1), new.set(WRITE)))
