# SPDX-License-Identifier: GPL-2.0-or-later
"""What userfaultfd does to entries itself: pages that are filled in, poisoned, or moved to another VMA."""

from __future__ import annotations

from dataclasses import replace

from oracle.wire import mask
from reviewer.reproducing.model import INTERLEAVING, NO_CALL, NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.numbers import under_migration
from reviewer.reproducing.setup import watched
from reviewer.reproducing.table import Entry, Table

_NEEDS = Needs(("USERFAULTFD",))


def _filling(table: Table) -> tuple[int, Calling]:
    """The PTE that is filled, and the call without its text. An entry that is there stays, and the call says so."""
    at = table.scenario.options[0] % (table.scenario.end - table.scenario.start)
    if not table.anonymous and table.scenario.options[3] % 8 == 1:
        raise CannotError(NO_TABLE, "its file ends before the page, and no step shortens a file beneath what maps it")
    watch = () if watched(table) else (f"watch_holes({table.vma.start}, {table.vma.stop});",)
    return at, Calling((), before=watch, needs=_NEEDS, returns=True)


def fill(table: Table) -> Calling:
    """UFFDIO_COPY of a new page; UFFDIO_CONTINUE where it is one that the file has."""
    at, call = _filling(table)
    protect = "true" if table.scenario.options[1] & 1 and "UFFD_WP" in table.flags else "false"
    given = _given(table)
    if given is None and "SHARED" in table.flags:
        raise CannotError(NO_CALL, "no page is there to be filled in")
    if given not in (None, at):
        raise CannotError(NO_CALL, "it fills in another page of the file than belongs there")
    return replace(call, text=(f"fill_{'page' if given is None else 'cached'}({at}, {protect});",))


def _given(table: Table) -> int | None:
    """Where the page of a file belongs that is filled in (oracle/entries/mfill.h), None for a new page."""
    option, scenario = table.scenario.options[2], table.scenario
    mapped = {(e.folio, e.index) for e in table.entries.values() if e.kind == "PAGE"}
    for number, folio in enumerate(scenario.folios if option & 1 else ()):
        taken = folio.bits & mask("FOLIO_BITS", "EXTRA_MAP") or not folio.kind
        for k in range(0 if taken else 1 << folio.order):
            index = (k + option // 2) % (1 << folio.order)
            if (number, index) not in mapped:
                return table.folios[number].first + index if number in table.folios else 1 << 20
    return None


def fill_zeroes(table: Table) -> Calling:
    at, call = _filling(table)
    if "SHARED" in table.flags:
        raise CannotError(NO_CALL, "a shared mapping gets a page of the file instead of the zero page")
    return replace(call, text=(f"fill_zeroes({at});",))


def poison(table: Table) -> Calling:
    at, call = _filling(table)
    return replace(call, text=(f"fill_poison({at});",))


def relocate(table: Table) -> Calling:
    """UFFDIO_MOVE of all that may move, with what the options put in its way (oracle/entries/uffd_move.h)."""
    scenario, asked = table.scenario, table.asked
    where, blocked, cached, mode = scenario.options[:4]
    if "WRITE" not in table.flags or table.closed:
        raise CannotError(NO_CALL, "UFFDIO_MOVE is between VMAs that may be written to")
    if under_migration(scenario):
        raise CannotError(INTERLEAVING, "pages are under migration when they are to be moved")
    _check_folios(table)
    n, per_table = scenario.end - scenario.start, 1 << (table.flavour.page_shift - 3)
    to = where % (2 * per_table - n + 1) if where else scenario.start % per_table
    to = per_table - to % n if where & 1 else to
    empty = all(entry.kind == "NONE" for entry in table.entries.values())
    before = list(_table_made(asked.start)) if empty else []
    flags = ", ".join("true" if flag in table.flags else "false" for flag in ("LOCKED", "UFFD_WP"))
    before += [f"moved = hole() + {per_table + to} * page;", f"destination({asked.start}, {asked.stop}, {flags});"]
    if blocked & 1:
        before.append(f"{'zeroes' if blocked & 2 else 'poison'}_in_the_way({(blocked >> 2) % n});")
    before += _read_ahead(table, cached)
    text = f"relocate({asked.start}, {asked.stop}, {'true' if mode & 1 else 'false'});"
    return Calling((text,), before=tuple(before), zero=("new PTE", "moved"), needs=_NEEDS, returns=True)


def _table_made(at: int) -> tuple[str, ...]:
    """Where nothing was mapped there is no page table, which the system call sees before the function does."""
    return f"touch_read({at});", f'advise({at}, {at + 1}, MADV_DONTNEED, "MADV_DONTNEED");'


def _check_folios(table: Table) -> None:
    """A large folio is split, which takes that nobody else has it, and goes by its first page."""
    for at, entry, folio in table.mapped("ANON"):
        if {"EXTRA_REF", "LOCKED"} & folio.bits:
            raise CannotError(INTERLEAVING, "somebody has a folio for a moment that is to be moved")
        head = table.entries.get(folio.first, Entry("NONE", frozenset(), 0, 0))
        if at in table.asked and folio.order and (head.kind, head.folio) != ("PAGE", entry.folio):
            raise CannotError(NO_TABLE, "a page that was given back may count as its process' own, which nothing shows")


def _read_ahead(table: Table, option: int) -> list[str]:
    """The page of one swap entry is in the swap cache."""
    n = table.scenario.end - table.scenario.start
    at = next((at for at in table.of("SWAP") if at >= (option >> 3) % n), None)
    if not option & 1 or at is None:
        return []
    if option & 2:
        raise CannotError(INTERLEAVING, "the page of a swap entry is being read when it is to be moved")
    if not option & 4 and option >> 9 & 1:
        raise CannotError(NO_TABLE, "no step brings a large folio into the swap cache")
    return [f"read_ahead({at});"]
