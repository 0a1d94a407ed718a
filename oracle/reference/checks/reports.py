# SPDX-License-Identifier: GPL-2.0-or-later
"""D12: what /proc forgets of a range."""

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
