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
    yield _mapping(table, wide.start, _short(table))


def _short(table: Table) -> int:
    """Where the file's mapping ends at first. A folio that fills a page table is mapped page by page where its VMA is a
    page too short until all its other pages are."""
    whole = table.page_by_page
    return table.wide.stop if whole is None else whole.extent.stop - 1


def _mapping(table: Table, first: int, end: int) -> str:
    return f"map_file({first}, {end}, {_WRITE}, {'MAP_SHARED' if 'SHARED' in table.flags else 'MAP_PRIVATE'});"


def _of_file(table: Table, folio: Folio) -> Iterator[str]:
    yield f"{'folio_of_file' if _written(table, folio) else 'folio_unwritten'}({folio.first}, {folio.order});"
    if "EXTRA_MAP" in folio.bits:
        yield f"map_elsewhere({folio.first}, {folio.extent.stop});"


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
    """The file's folios, as its entries map them, and those of memory, by write faults."""
    short, wide = _short(table), table.wide
    yield from _of_cache(table, range(wide.start, short))
    if not table.anonymous and short < wide.stop:
        if not any(short - len(table.pages) < at < short for at, _, _ in table.mapped()):
            yield f"touch_reads({short - 1}, {short});"  # a hole, as long as there is a table
        yield _mapping(table, short, wide.stop)
        yield from _of_cache(table, range(short, wide.stop))
    for number, folio in table.folios.items():
        if folio.kind != "ANON":
            continue
        if folio.order and not table.anonymous:
            raise CannotError(NO_TABLE, "no fault makes a large anonymous folio in a file's VMA")
        yield f"folio_anonymous({folio.first}, {folio.order});"
        if len(folio.extent) == len(table.pages) and number not in table.huge:
            yield from _split(folio.first)
    if not table.anonymous:
        yield "forget_cache();"


def _split(first: int) -> Iterator[str]:
    """A VMA that ends within a huge page has a table, and keeps it."""
    for advice in ("MADV_DONTDUMP", "MADV_DODUMP"):
        yield f'advise({first}, {first + 1}, {advice}, "{advice}");'


def _of_cache(table: Table, ptes: range) -> Iterator[str]:
    """Faults on these PTEs as far as they map the file's pages."""
    for number, folio in table.folios.items():
        if folio.kind != "ANON":
            yield from _touched(table, folio, [at for at, e, _ in table.mapped() if e.folio == number and at in ptes])


def _touched(table: Table, folio: Folio, ptes: Iterable[int]) -> Iterator[str]:
    """Faults on a file's pages. A write fault tells the folio, a later write (dirtied) does not."""
    dirty = {at for at in ptes if _dirty(table, at)} if "DIRTY" in folio.bits else set[int]()
    for first, end in runs(at for at in ptes if at not in dirty):
        yield f"touch_reads({first}, {end});"
    for first, end in runs(dirty):
        yield f"touch_writes({first}, {end});"


def _dirty(table: Table, at: int) -> bool:
    return "DIRTY" in table.entries[at].bits and "SHARED" in table.flags


def dirtied(table: Table) -> Iterator[str]:
    """Writes to a file's pages whose folio does not hear of them. When the holes are made: those of a folded block were
    dirty as all of it is, and would tell the folio."""
    quiet = (at for at, _, folio in table.mapped() if folio.kind != "ANON" and "DIRTY" not in folio.bits)
    for first, end in runs(at for at in quiet if _dirty(table, at)):
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
