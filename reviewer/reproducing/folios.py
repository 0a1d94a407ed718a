# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps that bring folios into a VMA: of memory by write faults, of a file as its mappings found them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.reproducing.model import NO_TABLE, CannotError
from reviewer.reproducing.table import Folio, Table, runs

_WRITE = "PROT_READ | PROT_WRITE"


def vmas(table: Table) -> Iterator[str]:
    """The VMA, with room for all pages of its folios; and the file that it maps, with the folios of that."""
    wide = table.wide
    if table.anonymous:
        yield f"map_anonymous({wide.start}, {wide.stop}, {_WRITE});"
        return
    # Where the file has its folios is what decides where they begin.
    per_table = 1 << (table.flavour.page_shift - 3)
    yield f"make_file({wide.start - (wide.start + table.offset) % per_table}, {wide.stop});"
    for folio in table.folios.values():
        if folio.kind != "ANON":
            yield from _of_file(table, folio)
    yield _mapping(table, wide.start, wide.stop - table.table_sized)


def _mapping(table: Table, first: int, end: int) -> str:
    return f"map_file({first}, {end}, {_WRITE}, {'MAP_SHARED' if 'SHARED' in table.flags else 'MAP_PRIVATE'});"


def _of_file(table: Table, folio: Folio) -> Iterator[str]:
    yield f"{'folio_of_file' if _written(table, folio) else 'folio_unwritten'}({folio.first}, {folio.order});"


def _written(table: Table, folio: Folio) -> bool:
    """Whether a file's folio was written to before the table maps it: it is dirty itself, or nobody asks."""
    mine = [e for _, e, f in table.mapped() if f is folio]
    return "DIRTY" in folio.bits or not mine or "SHARED" not in table.flags


def unwritten(table: Table) -> frozenset[int]:
    """PTEs in folios that were never written to, but for those through which they are written to."""
    clean = [f for f in table.folios.values() if f.kind != "ANON" and not _written(table, f)]
    written = {at for at, e, f in table.mapped() if f in clean and "DIRTY" in e.bits}
    return frozenset(at for f in clean for at in f.extent) - written


def folios(table: Table) -> Iterator[str]:
    """Folios of memory, by write faults, and the file's, as its entries map them. One that fills a page table is mapped
    page by page, since its VMA is a page too short until all others are."""
    last = table.wide.stop - 1
    for number, folio in table.folios.items():
        if folio.kind == "ANON":
            if folio.order and not table.anonymous:
                raise CannotError(NO_TABLE, "no fault makes a large anonymous folio in a file's VMA")
            yield f"folio_anonymous({folio.first}, {folio.order});"
            continue
        mine = [at for at, e, _ in table.mapped() if e.folio == number]
        yield from _touched(table, folio, [at for at in mine if at < last or not table.table_sized])
        if table.table_sized:
            yield _mapping(table, last, last + 1)
            yield from _touched(table, folio, [at for at in mine if at == last])
    if not table.anonymous:
        yield "forget_cache();"


def _touched(table: Table, folio: Folio, ptes: Iterable[int]) -> Iterator[str]:
    """Faults on a file's pages. A write fault tells the folio; a write to what a read fault mapped does not."""
    dirty = _dirty(table, ptes) if "DIRTY" in folio.bits else frozenset[int]()
    for first, end in runs(at for at in ptes if at not in dirty):
        yield f"touch_reads({first}, {end});"
    for first, end in runs(dirty):
        yield f"touch_writes({first}, {end});"


def _dirty(table: Table, ptes: Iterable[int]) -> frozenset[int]:
    shared = "SHARED" in table.flags
    return frozenset(at for at in ptes if shared and "DIRTY" in table.entries[at].bits)


def rewritten(table: Table) -> Iterator[str]:
    """Writes of which a file's folio is not told, when there are no others to be unmapped any more: in a contpte block
    all are dirty when one is, and to unmap one tells the folio."""
    for folio in table.folios.values():
        if folio.kind != "ANON" and "DIRTY" not in folio.bits:
            for first, end in runs(_dirty(table, [at for at, _, f in table.mapped() if f is folio])):
                yield f"touch_writes({first}, {end});"


def lazyfree(table: Table) -> Iterator[str]:
    """Anonymous folios that are freed lazily: their pages are clean then, but for those that are written to again."""
    for folio in table.folios.values():
        if folio.kind != "ANON" or "SWAPBACKED" in folio.bits:
            continue
        yield f'advise({folio.first}, {folio.extent.stop}, MADV_FREE, "MADV_FREE");'
        for at, entry, of in table.mapped("ANON"):
            if of is folio and "DIRTY" in entry.bits:
                yield f"touch_write({at});"
