# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps that bring a table about, in the order in which they do not undo each other.

Folios come first, by faults; then what takes pages away (holes, swap, guards); then what takes rights away from all
that is there (soft-dirty cleared, userfaultfd, a fork that shares), and last the protection of the VMA. A page that is
not exclusive is shared with a process that lives on, so that whoever writes to it wrongly is seen; or was shared with
one, where the call goes by how often it is mapped."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from reviewer.reproducing.folios import dirtied, folios, lazyfree, unwritten, vmas
from reviewer.reproducing.model import NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.sharing import Others, lent_to_device, others_of, pinned, set_apart
from reviewer.reproducing.table import Table, runs

_NONE, _READ, _WRITE = "PROT_NONE", "PROT_READ", "PROT_READ | PROT_WRITE"
LARGE = Needs(("TRANSPARENT_HUGEPAGE", "TRANSPARENT_HUGEPAGE_MADVISE"))
DEVICES = Needs((
    "RUNTIME_TESTING_MENU", "TEST_HMM", "DEVICE_PRIVATE", "ZONE_DEVICE", "MEMORY_HOTPLUG", "MEMORY_HOTREMOVE",
    "SPARSEMEM_VMEMMAP",
))  # fmt: skip
_SWAP_PAGES = 1024  # as harness/swap.h has it
SWAP = Needs(("SWAP", "BLK_DEV_RAM"))
PRESSED = SWAP.and_of(Needs(("MEMCG", "CGROUPS")))


@dataclass(frozen=True)
class Setup:
    """steps: C statements; others: who has its pages as well; unwritten: PTEs whose page was never written to;
    tracked: soft-dirty bits are as the scenario has them."""

    steps: tuple[str, ...]
    others: Others
    unwritten: frozenset[int]
    tracked: bool
    needs: Needs


def setup_of(table: Table, call: Calling, about: frozenset[str], *, flushes: bool = False) -> Setup:
    """All that is done before the call. about: the words in which the two runs of the finding differ: bits that have no
    part in them are left as the kernel makes them. flushes: it is about translations, so that clean entries have to be
    that."""
    others, tracks = others_of(table, call, about), _tracks(table, call, about)
    steps = [
        f"lay({table.offset});",
        *vmas(table),
        *(_known(table) if call.pid else ()),
        *folios(table),
        *lazyfree(table),
        *(_clean(table) if flushes else ()),
        *_taken(table, tracks),
        *_cut_off(table),
        *dirtied(table),
        *(_cleared(table) if tracks else ()),
        *lent_to_device(table, protected=True),
        *(_protected(table) if watched(table) else ()),
        *others.steps,
        *set_apart(table),
        *pinned(table),
        *lent_to_device(table, protected=False),
        *_rights(table, call),
    ]
    tracked = tracks and "soft-dirty" in about
    return Setup(tuple(steps), others, unwritten(table), tracked, _needs(table, tracks, flushes=flushes))


def _needs(table: Table, tracks: bool, *, flushes: bool) -> Needs:
    """What the steps take of the kernel."""
    parts = {
        LARGE: any(f.order for f in table.folios.values()),
        Needs(("SHMEM", "TMPFS", "MEMFD_CREATE")): "FILE" in table.flags,
        Needs(("MEM_SOFT_DIRTY",)): tracks,
        Needs(("USERFAULTFD",)): watched(table) or _by_hand(table),
        SWAP: bool(table.of("SWAP")) or flushes,
        DEVICES: bool(table.of("DEV_EXCL")),
        Needs(("GUP_TEST", "DEBUG_FS")): any("PINNED" in f.bits for f in table.folios.values()),
    }
    needs = Needs()
    for part, wanted in parts.items():
        needs = needs.and_of(part) if wanted else needs
    return needs


def watched(table: Table) -> bool:
    """Whether userfaultfd has a part in it."""
    protected = any("WP" in e.bits for e in table.entries.values())
    return protected or "UFFD_WP" in table.flags or bool(table.of("MARKER_WP"))


def _by_hand(table: Table) -> bool:
    """Whether userfaultfd fills in what no fault does."""
    return bool(table.of("MARKER_POISON")) or (not table.anonymous and bool(table.of("ZERO")))


def _tracks(table: Table, call: Calling, about: frozenset[str]) -> bool:
    """Whether soft-dirty bits have to be cleared: the finding is about them, or a page that is exclusive is read-only
    where its VMA may be written to, which tracking alone brings about."""
    if "soft-dirty" in about:
        return "SOFTDIRTY" not in table.flags
    kept = "WRITE" in table.flags and not call.was and not table.closed
    tracks = kept and any(
        "EXCL" in e.bits and "WRITE" not in e.bits and "WP" not in e.bits for _, e, _ in table.mapped("ANON")
    )
    if tracks and "MEM_SOFT_DIRTY" not in table.flavour.config:
        raise CannotError(NO_TABLE, "a page of one process alone is read-only, and no soft-dirty bits are there for it")
    return tracks


def _known(table: Table) -> Iterator[str]:
    """A VMA that never had a page of its own is not copied by a fork, whatever its entries say."""
    at = table.vma.start
    if table.anonymous and not any(table.mapped("ANON")) and not table.of("SWAP"):
        yield f"touch_write({at});"
        yield f'advise({at}, {at + 1}, MADV_DONTNEED, "MADV_DONTNEED");'


def _taken(table: Table, tracks: bool) -> Iterator[str]:
    """Holes where folios have pages that are not mapped; swap entries, zero pages, guards."""
    kept = set(table.of("PAGE", "DEV_EXCL", "SWAP"))
    extents = {at for f in table.folios.values() if f.kind == "ANON" or not table.anonymous for at in f.extent}
    yield from _swapped(table, tracks, extents)
    for first, end in runs((extents & set(table.inhabited)) - kept):
        yield f'advise({first}, {end}, MADV_DONTNEED, "MADV_DONTNEED");'
    yield from _zeroes(table)
    for first, end in runs(table.of("MARKER_POISON")):
        yield f"poisoned({first}, {end});"
    for first, end in runs(table.of("MARKER_GUARD")):
        yield f'advise({first}, {end}, MADV_GUARD_INSTALL, "MADV_GUARD_INSTALL");'


def _zeroes(table: Table) -> Iterator[str]:
    """Zero pages, by read faults of memory; into a file's private mapping userfaultfd alone brings them."""
    zeroes = table.of("ZERO")
    if zeroes and "SHARED" in table.flags:
        raise CannotError(NO_TABLE, "no step brings the zero page into a shared mapping")
    if table.anonymous:
        yield from (f"touch_read({at});" for at in zeroes)
    else:
        yield from (f"zero_pages({first}, {end});" for first, end in runs(zeroes))


def _swapped(table: Table, tracks: bool, extents: Container[int]) -> Iterator[str]:
    """Swap entries at their offsets: a device that is full but for these has no others to give. Soft-dirty ones are of
    pages that were written to since the bits were cleared, and none of the folios with these extents."""
    swapped = sorted((table.entries[at].index, at) for at in table.of("SWAP"))
    if not swapped:
        return
    # Which device the swap cache has its pages of is of no account.
    if len({table.entries[at].folio for _, at in swapped if "CACHED" not in table.entries[at].bits}) > 1:
        raise CannotError(NO_TABLE, "it has swap entries of two devices")
    if len({offset for offset, _ in swapped}) < len(swapped):
        raise CannotError(NO_TABLE, "two of its swap entries are of one place")
    if not 0 < swapped[0][0] <= swapped[-1][0] < _SWAP_PAGES:
        raise CannotError(NO_TABLE, "its swap entries lie further on than the device that there is")
    if not table.anonymous and any("CACHED" in table.entries[at].bits for _, at in swapped):
        raise CannotError(NO_TABLE, "no advice reads ahead what a file's mapping has in swap space")
    dirty = [at for _, at in swapped if tracks and "SOFT" in table.entries[at].bits]
    yield "fill_swap();"
    for offset, at in sorted(swapped, key=lambda entry: entry[1] in dirty):
        if dirty and at == dirty[0]:
            yield "soft_dirty_cleared();"
        if at in extents:
            yield f'advise({at}, {at + 1}, MADV_DONTNEED, "MADV_DONTNEED");'
        yield f"folio_anonymous({at}, 0);"
        yield f"page_out({at}, {offset});"
    yield "free_swap();"
    for _, at in swapped:
        if "CACHED" in table.entries[at].bits:
            yield f"read_ahead({at});"


def _clean(table: Table) -> Iterator[str]:
    """Small pages of memory whose entries are clean: they were swapped in to be read."""
    for at, entry, folio in table.mapped("ANON"):
        if not folio.order and "SWAPBACKED" in folio.bits and "DIRTY" not in entry.bits:
            yield "swap_space();"
            yield f"swapped_in({at});"


def _cut_off(table: Table) -> Iterator[str]:
    """Nothing is mapped where the table has nothing."""
    wide, lived = table.wide, table.inhabited
    for first, end in ((wide.start, lived.start), (lived.stop, wide.stop)):
        if first < end:
            yield f"unmap({first}, {end});"


def _cleared(table: Table) -> Iterator[str]:
    if not any("SOFT" in table.entries[at].bits for at in table.of("SWAP")):
        yield "soft_dirty_cleared();"
    for at, entry, folio in table.mapped():
        if {"SOFT", "WRITE"} & entry.bits:
            if folio.kind != "ANON" and "SHARED" not in table.flags:
                raise CannotError(
                    NO_TABLE, "a page of a file that nobody wrote to is soft-dirty, as after mremap alone"
                )
            if "DIRTY" not in entry.bits and "SWAPBACKED" not in folio.bits and folio.kind == "ANON":
                raise CannotError(NO_TABLE, "a page that is clean, to be freed lazily, is soft-dirty")
            yield f"touch_write({at});"


def _protected(table: Table) -> Iterator[str]:
    protected = [at for at, e in table.entries.items() if "WP" in e.bits or e.kind == "MARKER_WP"]
    if any(at not in table.vma for at in protected):
        raise CannotError(NO_TABLE, "userfaultfd protects a neighbour of its VMA")
    yield f"watch({table.vma.start}, {table.vma.stop});"
    for first, end in runs(protected):
        yield f"write_protect({first}, {end});"


def _rights(table: Table, call: Calling) -> Iterator[str]:
    """What the VMA may be used for when the call comes: as the call has to find it, else as its flags say."""
    right = call.was or (_NONE if table.closed else _WRITE if "WRITE" in table.flags else _READ)
    if right != _WRITE:
        yield f"protect({table.vma.start}, {table.vma.stop}, {right});"
    if call.locked if call.locked is not None else "LOCKED" in table.flags:
        yield f"lock({table.vma.start}, {table.vma.stop});"
