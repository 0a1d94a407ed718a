# SPDX-License-Identifier: GPL-2.0-or-later
"""D12: what /proc forgets of a range. L12: what it tells of one."""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.checks.dirty import file_machine
from oracle.reference.pte import DIRTY, SOFT_DIRTY, WRITE, Pte, present
from oracle.reference.rules import Example, rule
from oracle.reference.walkers.clear_refs import forget_write


@rule("D12", source="fs/proc/task_mmu.c clear_soft_dirty")
def soft_dirty_goes_with_write(was: Sequence[Pte], now: Sequence[Pte]) -> str | None:
    """Soft-dirty is cleared together with write, in every entry of the range.

    The bit comes back with the fault that the next write takes, so a writable entry must not lose it alone. Entries
    that are not present have the bit as well. (Pages pinned in a copy-on-write mapping keep both.) Violation: a write
    after the reset is not seen, and a checkpoint that is made from the bits misses a page.
    """
    for i, (old, new) in enumerate(zip(was, now, strict=True)):
        if new.bits & SOFT_DIRTY:
            return f"entry {i}, {old}, is soft-dirty still"
        if new.present and new.write:
            return f"entry {i}, {old}, can be written unseen"
    return None


@soft_dirty_goes_with_write.example
def _() -> Example:
    was = present(64, WRITE | DIRTY | SOFT_DIRTY)
    machine = file_machine(was)
    forget_write(machine, 0)
    return Example(right=([was], machine.mm.tables.entries[:1]), wrong=([was], [was.clear(SOFT_DIRTY)]))


@rule("L12", source="fs/proc/task_mmu.c pagemap_pmd_range, smaps_pte_range")
def tells_each_once(pfns: Sequence[int | None], told: Sequence[int | None]) -> str | None:
    """What is told of a page is what its own entry says, once for each page of the range.

    pfns: that the entries of the range map, None where they map nothing; told: the same as userspace reads it, in order
    of addresses. So sums, too, count each page once. Violation: the reader takes one page for another, or for present
    what is not, and goes on at the wrong address.
    """
    if len(told) != len(pfns):
        return f"{len(told)} of {len(pfns)} pages are told of"
    wrong = [i for i, (pfn, said) in enumerate(zip(pfns, told, strict=True)) if pfn != said]
    return f"page {wrong[0]} is told to be {told[wrong[0]]}" if wrong else None


@tells_each_once.example
def _() -> Example:
    return Example(right=([64, None, 66], [64, None, 66]), wrong=([64, None, 66], [64, 65, 66]))
