# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls by which pages come to another place, and back: reclaim, migration, swapoff."""

from __future__ import annotations

from reviewer.reproducing.model import INTERLEAVING, NO_CALL, NO_TABLE, Calling, CannotError, Needs
from reviewer.reproducing.numbers import under_migration
from reviewer.reproducing.setup import PRESSED, SWAP
from reviewer.reproducing.table import Table

SWAP_ON = "swap_space();"


def reclaim(table: Table) -> Calling:
    """Reclaim, by MADV_PAGEOUT and, as that leaves alone what other processes map, by memory.reclaim."""
    _left_alone(table)
    if any(table.folios[number].kind != "ANON" for number in table.huge):
        raise CannotError(NO_CALL, "reclaim of a huge page of tmpfs goes by the room that swap space has")
    if "LOCKED" in table.flags and table.scenario.options[1] & 1:  # TTU_IGNORE_MLOCK
        raise CannotError(NO_CALL, "reclaim leaves alone what is mlocked")
    return Calling((f"reclaim({table.vma.start}, {table.vma.stop});",), before=(SWAP_ON,), again=True,
                   makes=frozenset({"LOCKED", "SWAPCACHE"}), needs=PRESSED)  # fmt: skip


def migrated(table: Table, *, away: bool) -> Calling:
    """move_pages() to the other node: pages are unmapped for it and mapped again. away: the function does the first."""
    pages = [at for at, _, _ in table.mapped()]
    if not pages:
        raise CannotError(NO_CALL, "no page is there to be migrated")
    if not away and table.scenario.options[1] & 2:  # oracle/entries/remove_migration_pte.h
        raise CannotError(NO_CALL, "pages of zeroes are looked for when a huge folio that is hardly used is split")
    _left_alone(table, away=away)
    return Calling((f"to_other_node({pages[0]}, {pages[-1] + 1});",),
                   needs=Needs(("NUMA", "MIGRATION", "COMPACTION", "NUMA_EMU"), nodes=2),
                   makes=frozenset({"LOCKED"}), beyond=away, moves=True)  # fmt: skip


def _left_alone(table: Table, *, away: bool = True) -> None:
    if away and under_migration(table.scenario):
        raise CannotError(INTERLEAVING, "pages are under migration when others are unmapped")
    if any("PINNED" in folio.bits for _, _, folio in table.mapped()):
        raise CannotError(NO_CALL, "what is pinned is not unmapped to be moved")


def swapoff(table: Table) -> Calling:
    """The device is given up: every entry gets its page back, those of other processes too."""
    scenario, ptes = table.scenario, range(table.scenario.end - table.scenario.start)
    cached = [at for at in table.of("SWAP") if at in ptes and "CACHED" in table.entries[at].bits]
    if not cached:
        raise CannotError(NO_CALL, "no entry of the range has its page in the swap cache")
    at = min(cached, key=lambda pte: (pte - scenario.options[0]) % len(ptes))
    if odd_in_cache(table, at):
        raise CannotError(NO_TABLE, "a page of the swap cache could not be read, or is broken")
    if scenario.options[3] >> 1 & 15 == 3:
        raise CannotError(INTERLEAVING, "another entry is there by the time that the page was read")
    text = 'must(!syscall(SYS_swapoff, SWAP_DEVICE), "swapoff");'
    return Calling((text,), needs=SWAP, beyond=True, bits=True)


def odd_in_cache(table: Table, at: int) -> bool:
    """Whether something is up with the page that the swap cache has of an entry, by the option for odd folios."""
    return "CACHED" in table.entries[at].bits and table.scenario.options[3] >> 1 & 15 in (1, 2)
