# SPDX-License-Identifier: GPL-2.0-or-later
"""L: page-table locks, lazy MMU sections, and loops that make progress.

What code did is given as steps: "map", "lock", "read 3", "write 3", "unlock", "unmap" and the like, in order.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.reference.pte import PROTNONE, WRITE, Pte, Violation, present
from oracle.reference.rules import Example, rule
from oracle.reference.table import PageTables, Vma

Steps = Sequence[str]


@rule("L1", source="mm/mremap.c move_ptes; include/linux/mm.h pte_offset_map_lock")
def written_locked(tables: PageTables, slots: Sequence[int], locks: Sequence[int]) -> str | None:
    """Entries are changed under the lock of their table, once when both tables share it.

    slots: written; locks: a slot of each table whose lock is taken before, in order. Violation: another CPU changes the
    entry between read and write, or the second spin_lock() of the same lock hangs.
    """
    tables = PageTables(tables.entries, tables.tables, tables.slots, locking=True)
    try:
        for slot in locks:
            tables.lock(slot)
        for slot in slots:
            tables[slot] = tables[slot]
    except Violation as broken:
        return broken.what
    return None


@written_locked.example
def _() -> Example:
    tables = PageTables([present(64)], slots=8)
    return Example(right=(tables, [0, 9], [0, 8]), wrong=(tables, [0, 9], [0, 1]))


@rule("L2", source="mm/pgtable-generic.c pte_offset_map_lock; mm/mremap.c move_ptes")
def table_may_be_gone(mapped: bool, steps: Steps) -> str | None:
    """A page table that cannot be mapped is skipped or tried again.

    pte_offset_map_lock() returns NULL when the table was freed or replaced by a huge page meanwhile; nothing is locked
    or mapped then. Violation: the NULL pointer is read, or unmapped.
    """
    touched = [step for step in steps if step.split()[0] in {"read", "write", "unlock", "unmap"}]
    return f"{touched[0]!r} without a table" if not mapped and touched else None


@table_may_be_gone.example
def _() -> Example:
    return Example(right=(False, ["map", "retry"]), wrong=(False, ["map", "read 0", "unmap"]))


@rule("L3", source="include/linux/mm.h pte_unmap_unlock; include/linux/highmem.h kunmap_local")
def unmaps_what_it_mapped(mapped: Sequence[int], unmapped: Sequence[int], slots: int) -> str | None:
    """The unmapped pointer lies in the table that was mapped, last one first.

    Slots that the pointers named. After a loop the pointer is one beyond the last entry, which may be the next page;
    local mappings are a stack. Violation: kunmap_local() of another page, with CONFIG_HIGHPTE.
    """
    for one, other in zip(reversed(mapped), unmapped, strict=True):
        if one // slots != other // slots:
            return f"the table of slot {one} was mapped, that of slot {other} is unmapped"
    return None


@unmaps_what_it_mapped.example
def _() -> Example:
    return Example(right=([0, 512], [1023, 511], 512), wrong=([0, 512], [1024, 512], 512))


def _sections(steps: Steps, enter: str, leave: str) -> list[tuple[str, int]]:
    """Each step with how many sections it is in."""
    depth, found = 0, []
    for step in steps:
        depth -= step == leave
        found.append((step, depth))
        depth += step == enter
    return found


@rule("L4", source="mm/memory.c copy_pte_range; include/linux/pgtable.h lazy_mmu_mode_enable (from 6.19)")
def awake(steps: Steps) -> str | None:
    """Nothing sleeps under the page table lock or in lazy MMU mode.

    Allocations that may wait, folio_lock(), cond_resched() come after both were left: fork drops its locks to allocate
    the copy of a pinned page. Violation: scheduling while atomic.
    """
    locked, lazy = _sections(steps, "lock", "unlock"), _sections(steps, "lazy on", "lazy off")
    for (step, held), (_, depth) in zip(locked, lazy, strict=True):
        if step.startswith("sleep") and (held or depth):
            return f"{step!r} with {held} locks held, {depth} lazy sections open"
    return None


@awake.example
def _() -> Example:
    right = ["lock", "lazy on", "read 0", "lazy off", "unlock", "sleep", "lock", "unlock"]
    return Example(right=(right,), wrong=(["lock", "read 0", "sleep", "unlock"],))


@rule("L5", source="include/linux/pgtable.h arch_enter_lazy_mmu_mode, lazy_mmu_mode_enable (from 6.19)")
def lazy_paired(steps: Steps, nests: bool) -> str | None:
    """Lazy MMU mode is entered and left in pairs on every path.

    steps: of one path, early returns too. nests: sections may nest, as from 6.19 on; leaving the inner one flushes.
    Violation: writes stay queued after the lock is dropped, or are not queued at all.
    """
    depth = 0
    for step in steps:
        depth += {"lazy on": 1, "lazy off": -1}.get(step, 0)
        if depth < 0 or (depth > 1 and not nests):
            return f"{step!r} makes {depth} sections"
    return f"{depth} sections are left open" if depth else None


@lazy_paired.example
def _() -> Example:
    return Example(right=(["lazy on", "write 0", "lazy off"], False), wrong=(["lazy on", "write 0", "return"], False))


@rule("L6", source="include/linux/pgtable.h lazy MMU mode; arch/x86/xen/mmu_pv.c")
def not_read_again(steps: Steps) -> str | None:
    """An entry written in lazy MMU mode is not read again in the same section.

    The write may be queued until the section is left. Violation: code goes on with the old value.
    """
    written: set[str] = set()
    for step in steps:
        what, _, slot = step.partition(" ")
        if step == "lazy off":
            written.clear()
        elif what == "read" and slot in written:
            return f"slot {slot} is read after it was written"
        elif what == "write":
            written.add(slot)
    return None


@not_read_again.example
def _() -> Example:
    again = ["lazy on", "write 0", "lazy off", "read 0"]
    return Example(right=(again,), wrong=(["lazy on", "write 0", "read 0", "lazy off"],))


@rule("L7", source="mm/madvise.c madvise_free_pte_range; mm/memory.c do_wp_page, wp_page_copy")
def looked_at_again(steps: Steps) -> str | None:
    """An entry is looked at again after its lock was dropped.

    Without the lock it can be zapped, migrated or mapped anew. Violation: a decision on what an entry was, which is
    written over what it has become.
    """
    known: set[str] = set()
    for step in steps:
        what, _, slot = step.partition(" ")
        if what == "unlock":
            known.clear()
        elif what == "read":
            known.add(slot)
        elif what == "write" and slot not in known:
            return f"slot {slot} is written on what it was before the unlock"
    return None


@looked_at_again.example
def _() -> Example:
    start = ["lock", "read 0", "unlock", "sleep", "lock"]
    return Example(right=([*start, "read 0", "write 0", "unlock"],), wrong=([*start, "write 0", "unlock"],))


@rule(
    "L8",
    source="mm/memory.c maybe_mkwrite, finish_fault; include/linux/mm.h maybe_mkwrite; mm/filemap.c filemap_map_pages",
)
def vma_decides(slots: range, vma: Vma, now: Sequence[Pte], size: int | None = None) -> str | None:
    """A batch stays in one VMA and its file, and that VMA decides about write.

    now: what was written to the slots. size: where the file ends that a fault maps pages of; shmem may reach
    beyond. Violation: entries beyond the end of the VMA or file are changed, or one is writable without VM_WRITE.
    """
    if size is not None and slots.stop > size:
        return f"slots {slots.start}..{slots.stop - 1} of a file that ends at {size}"
    if slots.start < vma.start or slots.stop > vma.end:
        return f"slots {slots.start}..{slots.stop - 1} of a VMA of {vma.start}..{vma.end - 1}"
    writable = [pte for pte in now if pte.present and pte.write]
    return f"{writable[0]} in a VMA that cannot be written" if writable and not vma.write else None


@vma_decides.example
def _() -> Example:
    vma = Vma(0, 4, write=False)
    return Example(right=(range(2, 4), vma, [present(64)] * 2), wrong=(range(2, 4), vma, [present(64, WRITE)] * 2))


@rule("L9", source="mm/mprotect.c change_pte_range; mm/memory.c zap_pte_range, copy_pte_range")
def counts_progress(was: Sequence[Pte], now: Sequence[Pte], returned: int, went_to: int) -> str | None:
    """Progress and return value count every page, and a retry starts at the right address.

    returned: what change_pte_range() gives back, the entries changed; went_to: how far the loop got, in entries.
    Violation: nr is forgotten and batches count as one, or the loop starts again at the same place for ever.
    """
    changed = sum(old != new for old, new in zip(was, now, strict=True))
    if went_to != len(was):
        return f"the loop ends at entry {went_to} of {len(was)}"
    return None if returned == changed else f"{changed} entries changed, {returned} returned"


@counts_progress.example
def _() -> Example:
    was = [present(64 + i) for i in range(4)]
    now = [pte.set(PROTNONE) for pte in was]
    return Example(right=(was, now, 4, 4), wrong=(was, now, 1, 4))


@rule("L10", source="include/linux/mmu_notifier.h mmu_notifier_invalidate_range_start; mm/rmap.c try_to_unmap_one")
def notified(start: int, end: int, slots: Sequence[int]) -> str | None:
    """Notifier ranges cover the batch.

    [start, end): announced before the entries are changed; slots: changed. Violation: a device or guest keeps its own
    translation of a page that was unmapped.
    """
    outside = [slot for slot in slots if not start <= slot < end]
    return f"slot {outside[0]} lies outside of {start}..{end - 1}" if outside else None


@notified.example
def _() -> Example:
    return Example(right=(0, 16, range(16)), wrong=(0, 1, range(16)))


@rule("L11", source="mm/rmap.c folio_move_anon_rmap, __folio_set_anon; mm/swapfile.c unuse_pte")
def folio_locked(locked: bool, step: str) -> str | None:
    """The folio is locked where exclusivity or its mapping changes.

    step: "become exclusive" (folio_move_anon_rmap() when a write fault reuses the page), "set anon" (first mapping of a
    folio that others can find), "swap in". Violation: two mms take the page for their own.
    """
    needs = {"become exclusive", "set anon", "swap in"}
    return f"{step!r} without the folio lock" if step in needs and not locked else None


@folio_locked.example
def _() -> Example:
    return Example(right=(True, "become exclusive"), wrong=(False, "become exclusive"))
