# SPDX-License-Identifier: GPL-2.0-or-later
"""Collapse of a page table, by MADV_COLLAPSE or by khugepaged. Of memory it goes on where the functions end that look,
isolate and copy: what is asked for is what is left of the pages that were there."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.reproducing.model import INTERLEAVING, NO_CALL, Calling, CannotError, Needs
from reviewer.reproducing.numbers import under_migration
from reviewer.reproducing.sharing import shared_with_another
from reviewer.reproducing.table import Table

_HUGE = Needs(("TRANSPARENT_HUGEPAGE", "SHMEM"))


def _madvise(table: Table) -> str:
    """MADV_COLLAPSE. Of what userfaultfd protects, or is pinned, it may be right to turn it down."""
    pages = table.pages
    protected = any("WP" in entry.bits for entry in table.entries.values()) or table.of("MARKER_WP")
    pinned = any("PINNED" in folio.bits for folio in table.folios.values())
    else_so = " || errno != ENOMEM" if protected or pinned else ""
    return f'must(!madvise(AT({pages.start}), {len(pages)} * page, MADV_COLLAPSE){else_so}, "MADV_COLLAPSE");'


def collapse_file(table: Table) -> Calling:
    if table.scenario.options[3] % 16 in (1, 2):  # oracle/entries/collapse_file.h
        raise CannotError(NO_CALL, "the cache has another folio, or there is no table: nothing comes of that")
    return Calling((_madvise(table),), beyond=True, needs=_HUGE)


def collapse_part(table: Table) -> Calling:
    """Of functions that may work on a part of the table."""
    if table.scenario.options[1]:
        raise CannotError(NO_CALL, "which part of a table is collapsed is for khugepaged to choose")
    return _collapsed(table, swap=64)


def collapse_anonymous(table: Table) -> Calling:
    """Of the function that looks at a table; an option has the limit for swap entries."""
    option = table.scenario.options[1]
    return _collapsed(table, swap=option // 2 % 8 if option & 1 else 64)


def _collapsed(table: Table, swap: int) -> Calling:
    pages, limits = table.pages, table.scenario.options[0]
    if not table.anonymous:
        raise CannotError(NO_CALL, "a file's pages are collapsed in its page cache")
    if pages.start < table.vma.start or table.vma.stop < pages.stop:
        raise CannotError(NO_CALL, "a VMA that does not have all of a page table is not collapsed")
    busy = any({"EXTRA_REF", "LOCKED"} & folio.bits for _, _, folio in table.mapped())
    if busy or under_migration(table.scenario):
        raise CannotError(INTERLEAVING, "somebody has one of its pages for a moment")
    text = _madvise(table)
    if not limits & 1:  # oracle/entries/collapse.h
        if not any(table.mapped()) and not table.of("SWAP"):
            raise CannotError(NO_CALL, "khugepaged never looks at a table that has nothing")
        none = (limits >> 4) % 512 if limits & 8 else 511
        shared = (limits >> 6) % 8 if limits & 2 else 256
        text = f"khugepaged({pages.start}, {pages.stop}, {none}, {shared}, {swap});"
    return Calling((text,), says=tuple(_left(table)), beyond=True, needs=Needs(("TRANSPARENT_HUGEPAGE",)))


def _left(table: Table) -> Iterator[tuple[str, str]]:
    """What is left of each page, whether it was copied or not."""
    others = shared_with_another(table)
    for at, entry in table.entries.items():
        where = f"&here, {at}"
        if table.closed or at not in table.vma:
            continue
        if entry.kind in ("PAGE", "SWAP", "DEV_EXCL"):
            yield "keeps", f"{where}, {at}"
            if "WP" in entry.bits:
                yield "is_uffd_wp", f"{where}, true"
            elif at in others and "WRITE" in table.flags:
                yield "is_private", f"{where}, AT({at}), {at}"
        elif entry.kind in ("NONE", "ZERO"):
            yield "is_zero", where
