# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of the table before the call: that it is the finding's, as far as pagemap and page flags show it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.reproducing.setup import Setup
from reviewer.reproducing.table import Entry, Table


def state_of(table: Table, setup: Setup) -> Iterator[str]:
    """A C statement for each test."""
    yield f"is_vma(STATE, {table.vma.start}, {table.vma.stop});"
    if table.closed:
        yield f"may_read(STATE, &here, {next(at for at in table.of('PAGE', 'ZERO') if at in table.vma)}, false);"
    if table.huge or table.page_by_page:
        yield f"are_huge(STATE, {len(table.huge) * len(table.pages)});"
    for at, entry in table.entries.items():
        if at in table.vma and not _within(table, at):
            yield from _of_entry(table, at, entry)
        if setup.tracked and entry.kind in ("PAGE", "SWAP", "DEV_EXCL", "ZERO"):
            yield f"is_soft_dirty(STATE, &here, {at}, {'true' if 'SOFT' in entry.bits else 'false'});"
    yield from _counts(table, setup)


def _counts(table: Table, setup: Setup) -> Iterator[str]:
    """How often pages are mapped: of a file's as it is for the scenario, of memory where it was shared."""
    files = [(at, "EXTRA_MAP" in f.bits) for at, _, f in table.mapped() if f.kind != "ANON" and at in table.vma]
    twice = setup.others.shared | {at for at, elsewhere in files if elsewhere}
    once = setup.others.alone | {at for at, elsewhere in files if not elsewhere}
    for times, ptes in ((2, twice), (1, once)):
        yield from (f"is_mapped(STATE, &here, {at}, {times});" for at in sorted(ptes) if not _within(table, at))


def _within(table: Table, at: int) -> bool:
    """Whether a PMD maps it as it does its neighbours on both sides."""
    entry = table.entries[at]
    huge = entry.kind == "PAGE" and entry.folio in table.huge
    return huge and at not in (table.folios[entry.folio].extent[0], table.folios[entry.folio].extent[-1])


def _of_entry(table: Table, at: int, entry: Entry) -> Iterator[str]:
    where = f"STATE, &here, {at}"
    if entry.kind == "PAGE":
        folio = table.folios[entry.folio]
        yield f"is_page_of({where}, {at - folio.first}, {folio.order});"
        if folio.kind != "ANON" and "SHARED" in table.flags and "DIRTY" not in folio.bits:
            yield f"is_clean({where});"
    elif entry.kind in ("NONE", "CACHED"):
        yield f"{'is_absent' if 'WP' in entry.bits else 'is_empty'}({where});"
    elif entry.kind == "DEV_EXCL":  # of swap form
        yield f"is_swapped({where});"
    elif entry.kind == "ZERO":
        yield f"is_zero_page({where});"
    elif entry.kind in ("MARKER_GUARD", "MARKER_POISON"):
        yield f"is_marked({where});"
    elif entry.kind == "SWAP":
        yield f"is_swapped({where});"
        yield f"is_at_offset(STATE, {at}, {entry.index});"
    if "WP" in entry.bits or entry.kind == "MARKER_WP":
        yield f"is_uffd_wp({where}, true);"
