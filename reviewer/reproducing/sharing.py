# SPDX-License-Identifier: GPL-2.0-or-later
"""Who has pages of the table besides its process: others that were forked when just those were there for them, which
makes them exclusive to nobody, the device, and a driver that pins some. Neighbours of the VMA are set apart after the
forks, since a fork goes by VMAs and would unfold a block that lies across two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.reproducing.model import NO_TABLE, Calling, CannotError
from reviewer.reproducing.table import Table, runs

_NONE = frozenset[int]()


@dataclass(frozen=True)
class Others:
    """steps: C statements. shared: PTEs whose page another process has too, as it was; alone: those of which one had
    it, and is gone; lent: those that are shared, and swap entries that are."""

    steps: tuple[str, ...]
    shared: frozenset[int]
    alone: frozenset[int]
    lent: frozenset[int]


def shared_with_another(table: Table) -> frozenset[int]:
    """PTEs of anonymous pages that are not exclusive."""
    return frozenset(at for at, e, _ in table.mapped("ANON") if "EXCL" not in e.bits)


def others_of(table: Table, call: Calling, about: frozenset[str]) -> Others:
    """Another process lives on where what is wrong may be seen by it. about: the words in which the two runs of the
    finding differ: where none does, one that had the swap entries is gone, as their counts have it."""
    shared = shared_with_another(table)
    swapped = frozenset(at for at in table.of("SWAP") if "EXCL" not in table.entries[at].bits)
    if call.alone:
        kept = frozenset(at for at in shared if "EXTRA_MAP" in table.folios[table.entries[at].folio].bits)
        steps = _forked(table, (shared | swapped) - kept, "fork_gone")
        return Others((*steps, *_forked(table, kept, "fork_silent")), kept, shared - kept, _NONE)
    gone = _NONE if about or call.pid else swapped
    lent = shared | swapped - gone
    living = "fork_silent" if call.pid else "fork_other"
    return Others((*_forked(table, gone, "fork_gone"), *_forked(table, lent, living)), shared, _NONE, lent)


def _forked(table: Table, shared: frozenset[int], fork: str) -> Iterator[str]:
    """Only these are there for the other process when it is forked. fork: the harness' function."""
    if not shared:
        return
    apart = list(runs(at for at in table.inhabited if at not in shared))
    for first, end in apart:
        yield f'advise({first}, {end}, MADV_DONTFORK, "MADV_DONTFORK");'
    yield f"{fork}();"
    for first, end in apart:
        yield f'advise({first}, {end}, MADV_DOFORK, "MADV_DOFORK");'


def set_apart(table: Table) -> Iterator[str]:
    """The VMA has its ends; what is mapped beyond them is of neighbours, which an advice of their own keeps apart."""
    lived, vma = table.inhabited, table.vma
    for first, end in ((lived.start, vma.start), (vma.stop, lived.stop)):
        if first < end:
            yield f'advise({first}, {end}, MADV_DONTDUMP, "MADV_DONTDUMP");'


def lent_to_device(table: Table, *, protected: bool) -> Iterator[str]:
    """A device takes only what may be written to: what userfaultfd protects before it does, the rest at the end."""
    taken = (at for at in table.of("DEV_EXCL") if ("WP" in table.entries[at].bits) is protected)
    for first, end in runs(taken):
        yield f"device_takes({first}, {end});"


def pinned(table: Table) -> Iterator[str]:
    """A folio is pinned by one of its pages; not by what would be copied first: what is not exclusive, a file's in a
    private mapping."""
    done: set[int] = set()
    for at, entry, folio in table.mapped():
        may = "EXCL" in entry.bits if folio.kind == "ANON" else "SHARED" in table.flags
        if "PINNED" in folio.bits and may and entry.folio not in done and at in table.vma:
            done.add(entry.folio)
            yield f"pin({at});"
    if left := {number for number, folio in table.folios.items() if "PINNED" in folio.bits} - done:
        raise CannotError(NO_TABLE, f"{len(left)} of its folios that are pinned have no page to be pinned by")
