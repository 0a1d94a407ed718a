# SPDX-License-Identifier: GPL-2.0-or-later
"""The PAGEMAP_SCAN ioctl: which pages of a range it has to tell of, by the table as it stands."""

from __future__ import annotations

from oracle.explain.reports import categories
from oracle.reference.walkers.scan import (
    ACCESSED,
    FILE,
    HUGE,
    IS_GUARD,
    IS_PRESENT,
    PFNZERO,
    SOFT,
    SWAPPED,
    WRITTEN,
    Answer,
    Asked,
)
from reviewer.reproducing.model import INTERLEAVING, NO_CONSEQUENCE, NO_TABLE, Calling, CannotError
from reviewer.reproducing.numbers import under_migration
from reviewer.reproducing.table import Entry, Table

_NOTHING = Entry("NONE", frozenset(), 0, 0)


def scan(table: Table) -> Calling:
    if under_migration(table.scenario):
        raise CannotError(INTERLEAVING, "pages are under migration when they are told of")
    asked, answer = _asked(table), Answer()
    for at in table.asked:
        category = _category(table, table.entries.get(at, _NOTHING))
        if asked.wants(category) and not answer.add(at, category, asked):
            break
    numbers = (asked.mask, asked.inverted, asked.anyof, asked.told, min(asked.pages, 1 << 32), asked.regions)
    text = f"scan_pages({table.asked.start}, {table.asked.stop}, {', '.join(map(str, numbers))});"
    stop = table.asked.stop if answer.stop is None else answer.stop
    says = [("it_returns", str(len(answer.regions))), ("scan_stops", str(stop))]
    says += [("tells_of", f"{n}, {first}, {end}, {what}") for n, (first, end, what) in enumerate(answer.regions)]
    return Calling((text,), says=tuple(says))


def pagemap(table: Table) -> Calling:  # noqa: ARG001 - of no table
    raise CannotError(NO_CONSEQUENCE, "what /proc/PID/pagemap says is what programs verify their tables by")


def _asked(table: Table) -> Asked:
    """What the options ask for (oracle/entries/pagemap_scan.h)."""
    how, what, room = table.scenario.options[:3]
    watched = "UFFD_WP" in table.flags
    if how & 1 or (watched and (not table.anonymous or table.scenario.salt >> 6 & 1)):
        raise CannotError(NO_TABLE, "no step makes a userfaultfd that tracks writes for whoever scans")
    if how & 2:
        raise CannotError(NO_CONSEQUENCE, "it asks for no answer")
    mask, inverted, anyof, told = categories(how, what)
    unsure = SOFT | ACCESSED | (0 if watched else WRITTEN) | (0 if table.of("MARKER_GUARD") else IS_GUARD)
    if (mask | inverted | anyof) & unsure:
        raise CannotError(NO_CONSEQUENCE, "it asks for what is so of the whole VMA, or what kernels differ in")
    regions = 1 + (room >> 9 & 7) if room & 256 else 1 << (table.flavour.page_shift - 3)
    pages = 1 + (room >> 1 & 63) if room & 1 else 1 << 32
    return Asked(mask, inverted, anyof, told & ~unsure, 0, regions, pages, False)


def _category(table: Table, entry: Entry) -> int:
    marked = "WP" in entry.bits or entry.kind == "MARKER_WP"
    written = WRITTEN if "UFFD_WP" in table.flags and not marked else 0
    if entry.kind in ("NONE", "CACHED") and not marked:
        return written
    if entry.kind not in ("PAGE", "ZERO"):
        return SWAPPED | written | (IS_GUARD if entry.kind == "MARKER_GUARD" else 0)
    zero = entry.kind == "ZERO"
    file = not zero and table.folios[entry.folio].kind != "ANON"
    huge = not zero and entry.folio in table.huge
    return IS_PRESENT | written | (PFNZERO if zero else 0) | (FILE if file else 0) | (HUGE if huge else 0)
