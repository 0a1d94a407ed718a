# SPDX-License-Identifier: GPL-2.0-or-later
"""S: what include/linux/pgtable.h promises of setting, clearing and modifying entries, and asks of the caller."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.examples import PFN, run, table
from oracle.reference.folio import Folio, FolioKind, Memory
from oracle.reference.pte import (
    ANY_DIRTY,
    CONT,
    DIRTY,
    NONE,
    SOFT_DIRTY,
    WRITE,
    YOUNG,
    Pte,
    present,
    swap,
)  # fmt: skip
from oracle.reference.rules import Example, rule
from oracle.reference.table import SLOTS, PageTables

_H = "include/linux/pgtable.h"


@rule("S1", source=f"{_H} set_ptes")
def set_over_empty(old: Sequence[Pte], new: Pte) -> str | None:
    """Several entries are set at once only over empty entries, and only to present ones.

    With nr 1 either may be anything. Violation: a present entry is overwritten, with its mapping, its reference and a
    live translation.
    """
    if len(old) == 1:
        return None
    taken = [i for i, pte in enumerate(old) if pte.present]
    return f"entry {taken[0]} is present" if taken else None if new.present else f"{new} is not present"


@set_over_empty.example
def _() -> Example:
    return Example(right=([NONE, NONE], present(PFN)), wrong=([NONE, present(PFN + 9)], present(PFN)))


@rule("S2", source=f"{_H} set_ptes (context)")
def set_in_one_folio(tables: PageTables, memory: Memory, slot: int, pte: Pte, nr: int) -> str | None:
    """Several entries set at once stay in one folio and one page table under its lock.

    Only the pfn advances from entry to entry, all else repeats. Violation: a write behind the table, or pages that
    belong to somebody else.
    """
    if slot % tables.slots + nr > tables.slots:
        return f"{nr} entries from slot {slot} leave the page table"
    if memory.folio(pte.pfn) is not memory.folio(pte.pfn + nr - 1):
        return f"{nr} pages from {pte.pfn:#x} are of two folios"
    return None if slot // tables.slots in tables.held else "the lock of the table is not held"


@set_in_one_folio.example
def _() -> Example:
    tables, memory = PageTables(), Memory([Folio(FolioKind.ANON, PFN, 4)])
    tables.lock(0)
    return Example(
        right=(tables, memory, SLOTS - 4, present(PFN), 4), wrong=(tables, memory, SLOTS - 4, present(PFN), 8)
    )


@rule("S3", source=f"{_H} set_ptes; mm/memory.c zap_install_uffd_wp_if_needed")
def set_nonpresent_singly(pte: Pte, nr: int) -> str | None:
    """Swap entries and markers are set one by one, since only a present entry may count its pfn up.

    set_ptes() advances the pfn field of whatever it is given; in a swap entry or marker that changes offset or type.
    Violation: the second of several markers is another entry altogether.
    """
    return None if nr == 1 or pte.present else f"{nr} entries {pte} are set at once"


@set_nonpresent_singly.example
def _() -> Example:
    return Example(right=(swap(0, 5), 1), wrong=(swap(0, 5), 3))


@rule("S4", source=f"{_H} get_and_clear_full_ptes")
def cleared_with_bits(old: Sequence[Pte], after: Sequence[Pte], got: Pte) -> str | None:
    """Clearing a batch clears every entry and returns the dirty and young bits of all of them.

    The rest of what is returned is the first entry. Violation: an entry stays, or the dirty bit of a later page never
    reaches the folio.
    """
    left = [i for i, pte in enumerate(after) if not pte.none]
    if left:
        return f"entry {left[0]} was not cleared"
    if any(pte.dirty for pte in old) and not got.dirty:
        return "an entry was dirty, the result is not"
    return "an entry was young, the result is not" if any(pte.young for pte in old) and not got.young else None


@cleared_with_bits.example
def _() -> Example:
    ptes = table(*run(0, 0, DIRTY))
    old = ptes.tables.entries[:3]
    got = ptes.get_and_clear_full_ptes(0, 3)
    return Example(right=(old, ptes.tables.entries[:3], got), wrong=(old, ptes.tables.entries[:3], old[0]))


@rule("S5", source=f"{_H} get_and_clear_full_ptes")
def first_bits_for_first(old: Sequence[Pte], taken: Sequence[Pte]) -> str | None:
    """Bits other than dirty and young of a cleared batch are taken for its first entry only.

    Unless batch detection compared them (B5, B6). taken: what each entry was then assumed to be. Violation: the first
    entry's write, soft-dirty or uffd-wp is used for the others, which had none.
    """
    rest = ~(ANY_DIRTY | YOUNG)
    for i, (was, assumed) in enumerate(zip(old, taken, strict=True)):
        if was.bits & rest != assumed.bits & rest:
            return f"entry {i} was {was} and is taken for {assumed}"
    return None


@first_bits_for_first.example
def _() -> Example:
    old = run(SOFT_DIRTY, 0)
    return Example(right=(old, run(SOFT_DIRTY | YOUNG, YOUNG)), wrong=(old, [old[0].advance(i) for i in range(2)]))


@rule("S6", source=f"{_H} clear_full_ptes")
def bits_do_not_matter(old: Sequence[Pte], folio: Folio, freed_unseen: bool) -> str | None:
    """Entries are cleared without a result only where their dirty and young bits do not matter.

    clear_full_ptes() returns nothing: for a folio whose contents are dropped with it, say an anon page that was copied.
    freed_unseen: nobody looks at the contents again. Violation: a file or shmem folio is written to and never marked.
    """
    lost = [i for i, pte in enumerate(old) if pte.dirty and not folio.dirty]
    return f"the dirty bit of entry {lost[0]} is dropped" if lost and not freed_unseen else None


@bits_do_not_matter.example
def _() -> Example:
    old = run(DIRTY)
    return Example(right=(old, Folio(FolioKind.ANON, PFN), True), wrong=(old, Folio(FolioKind.FILE, PFN), False))


@rule("S7", source=f"{_H} wrprotect_ptes")
def wrprotected(old: Sequence[Pte], after: Sequence[Pte]) -> str | None:
    """Write-protecting takes the write bit from every entry that is meant and touches no other bit.

    All of them are present and of one folio. Violation: an entry stays writable, or its dirty bit goes with write.
    """
    for i, (was, now) in enumerate(zip(old, after, strict=True)):
        if now.clear(CONT) != was.wrprotect().clear(CONT):
            return f"entry {i} went from {was} to {now}"
    return None


@wrprotected.example
def _() -> Example:
    ptes = table(*run(WRITE | DIRTY, WRITE))
    old = ptes.tables.entries[:2]
    ptes.wrprotect_ptes(0, 2)
    return Example(right=(old, ptes.tables.entries[:2]), wrong=(old, [old[0].wrprotect(), old[1]]))
