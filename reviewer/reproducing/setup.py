# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps that bring a table about, in the order in which they do not undo each other.

Folios come first, by faults; then what takes pages away (holes, swap, guards); then what takes rights away from all
that is there (soft-dirty cleared, userfaultfd, a fork that shares), and last the protection of the VMA. A page that is
not exclusive is shared with a process that lives on: so whoever writes to it wrongly is seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.reproducing.model import NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.table import Folio, Table

_READ, _WRITE, _NONE = "PROT_READ", "PROT_READ | PROT_WRITE", "PROT_NONE"
LARGE = Needs(("TRANSPARENT_HUGEPAGE", "TRANSPARENT_HUGEPAGE_MADVISE"))
SWAP = Needs(("SWAP", "BLK_DEV_RAM"))
PRESSED = SWAP.and_of(Needs(("MEMCG", "CGROUPS")))


@dataclass(frozen=True)
class Setup:
    """steps: C statements; shared: PTEs whose page another process has too, as it was; needs: see Needs."""

    steps: tuple[str, ...]
    shared: frozenset[int]
    needs: Needs


def runs(ptes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges [first, end) that cover just these."""
    first = end = None
    for at in sorted(ptes):
        if end != at:
            if first is not None and end is not None:
                yield first, end
            first = at
        end = at + 1
    if first is not None and end is not None:
        yield first, end


def setup_of(table: Table, call: Calling, about: frozenset[str]) -> Setup:
    """All that is done before the call. about: the words in which the two runs of the finding differ: bits that have no
    part in them are left as the kernel makes them."""
    shared = _shared(table)
    needs = LARGE if any(f.order for f in table.folios.values()) else Needs()
    if "FILE" in table.flags:
        needs = needs.and_of(Needs(("SHMEM", "TMPFS", "MEMFD_CREATE")))
    steps = [f"lay({table.offset});", *_swap_space(table), *_vmas(table), *_folios(table), *_lazyfree(table)]
    steps += [*_taken(table), *_trimmed(table)]
    tracks = _tracks(table, call, about)
    if tracks:
        needs = needs.and_of(Needs(("MEM_SOFT_DIRTY",)))
        steps += [*_cleared(table)]
    if any(e.kind == "MARKER_WP" or "WP" in e.bits for e in table.entries.values()) or "UFFD_WP" in table.flags:
        needs = needs.and_of(Needs(("USERFAULTFD",)))
        steps += _protected(table)
    if shared:
        steps += _forked(table, shared)
    if any(e.kind == "SWAP" for e in table.entries.values()):
        needs = needs.and_of(SWAP)
    steps += _rights(table, call)
    return Setup(tuple(steps), shared, needs)


def _anon(table: Table) -> bool:
    return "FILE" not in table.flags


def _shared(table: Table) -> frozenset[int]:
    """PTEs of anonymous pages that are not exclusive."""
    return frozenset(at for at, e, _ in table.mapped("ANON") if "EXCL" not in e.bits)


def _tracks(table: Table, call: Calling, about: frozenset[str]) -> bool:
    """Whether soft-dirty bits have to be cleared: the finding is about them, or a page that is exclusive is read-only
    where its VMA may be written to, which tracking alone brings about."""
    if "soft-dirty" in about:
        return "SOFTDIRTY" not in table.flags
    kept = "WRITE" in table.flags and not call.was
    return kept and any(
        "EXCL" in e.bits and "WRITE" not in e.bits and "WP" not in e.bits for _, e, _ in table.mapped("ANON")
    )


def _swap_space(table: Table) -> Iterator[str]:
    if any(e.kind == "SWAP" for e in table.entries.values()):
        yield "swap_space();"


def _vmas(table: Table) -> Iterator[str]:
    wide = table.wide
    if _anon(table):
        yield f"map_anonymous({wide.start}, {wide.stop}, {_WRITE});"
        return
    how = "MAP_SHARED" if "SHARED" in table.flags else "MAP_PRIVATE"
    yield f"make_file({wide.start}, {wide.stop});"
    for folio in table.folios.values():
        if folio.kind != "ANON":
            yield from _of_file(table, folio)
    yield f"map_file({wide.start}, {wide.stop}, {_WRITE}, {how});"


def _of_file(table: Table, folio: Folio) -> Iterator[str]:
    """A folio of the file; one that is clean with no entry dirty either was never written to."""
    mine = [e for _, e, f in table.mapped() if f is folio]
    clean = "DIRTY" not in folio.bits and not any("DIRTY" in e.bits for e in mine)
    written = "DIRTY" in folio.bits or not mine or (not clean and "SHARED" not in table.flags)
    yield f"{'folio_of_file' if written else 'folio_unwritten'}({folio.first}, {folio.order});"


def _folios(table: Table) -> Iterator[str]:
    for number, folio in table.folios.items():
        if folio.kind == "ANON":
            if folio.order and not _anon(table):
                raise CannotError(NO_TABLE, "no fault makes a large anonymous folio in a file's VMA")
            yield f"folio_anonymous({folio.first}, {folio.order});"
            continue
        for at, entry in table.entries.items():
            if entry.kind == "PAGE" and entry.folio == number:
                writes = "DIRTY" in entry.bits and "SHARED" in table.flags
                yield f"touch_{'write' if writes else 'read'}({at});"
    if not _anon(table):
        yield f"forget_cache({table.wide.start}, {table.wide.stop});"


def _taken(table: Table) -> Iterator[str]:
    """Holes where folios have pages that are not mapped; swap entries, zero pages, guards."""
    by_kind = {
        kind: [at for at, e in table.entries.items() if e.kind == kind] for kind in ("SWAP", "ZERO", "MARKER_GUARD")
    }
    mapped = {at for at, _, _ in table.mapped()}
    extents = {at for f in table.folios.values() if f.kind == "ANON" or not _anon(table) for at in f.extent}
    for at in by_kind["SWAP"]:
        yield f"folio_anonymous({at}, 0);"
    for first, end in runs(by_kind["SWAP"]):
        yield f"page_out({first}, {end});"
    for first, end in runs((extents & set(table.inhabited)) - mapped - set(by_kind["SWAP"])):
        yield f'advise({first}, {end}, MADV_DONTNEED, "MADV_DONTNEED");'
    for at in by_kind["ZERO"]:
        yield f"touch_read({at});"
    for first, end in runs(by_kind["MARKER_GUARD"]):
        yield f'advise({first}, {end}, MADV_GUARD_INSTALL, "MADV_GUARD_INSTALL");'


def _trimmed(table: Table) -> Iterator[str]:
    """The VMA has its ends; what is mapped beyond them is of neighbours, which an advice of their own keeps apart."""
    wide, lived, vma = table.wide, table.inhabited, table.vma
    for first, end in ((wide.start, lived.start), (lived.stop, wide.stop)):
        if first < end:
            yield f"unmap({first}, {end});"
    for first, end in ((lived.start, vma.start), (vma.stop, lived.stop)):
        if first < end:
            yield f'advise({first}, {end}, MADV_DONTDUMP, "MADV_DONTDUMP");'


def _cleared(table: Table) -> Iterator[str]:
    yield "soft_dirty_cleared();"
    for at, entry, _ in table.mapped():
        if {"SOFT", "WRITE"} & entry.bits:
            yield f"touch_write({at});"


def _protected(table: Table) -> Iterator[str]:
    yield f"watch({table.vma.start}, {table.vma.stop});"
    for first, end in runs(at for at, e in table.entries.items() if "WP" in e.bits or e.kind == "MARKER_WP"):
        yield f"write_protect({first}, {end});"


def _forked(table: Table, shared: frozenset[int]) -> Iterator[str]:
    """Only what is not exclusive is there for the other process when it is forked."""
    apart = list(runs(at for at in table.inhabited if at not in shared))
    for first, end in apart:
        yield f'advise({first}, {end}, MADV_DONTFORK, "MADV_DONTFORK");'
    yield "fork_other();"
    for first, end in apart:
        yield f'advise({first}, {end}, MADV_DOFORK, "MADV_DOFORK");'


def _lazyfree(table: Table) -> Iterator[str]:
    """Anonymous folios that are freed lazily: their pages are clean then, but for those that are written to again."""
    for folio in table.folios.values():
        if folio.kind != "ANON" or "SWAPBACKED" in folio.bits:
            continue
        yield f'advise({folio.first}, {folio.extent.stop}, MADV_FREE, "MADV_FREE");'
        for at, entry, of in table.mapped("ANON"):
            if of is folio and "DIRTY" in entry.bits:
                yield f"touch_write({at});"


def _rights(table: Table, call: Calling) -> Iterator[str]:
    """What the VMA may be used for when the call comes: as the call has to find it, else as its flags say."""
    right = call.was or (_WRITE if "WRITE" in table.flags else _READ)
    if right != _WRITE:
        yield f"protect({table.vma.start}, {table.vma.stop}, {right});"
    if "LOCKED" in table.flags:
        yield f"lock({table.vma.start}, {table.vma.stop});"
