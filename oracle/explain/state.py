# SPDX-License-Identifier: GPL-2.0-or-later
"""What the adapters make of a scenario's numbers beyond its table: what reclaim knows of folios
(oracle/entries/lru_state.h), and where an entry puts what it moves or copies (W.dst_first)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oracle.reference.table import SLOTS
from oracle.wire import Scenario

Results = dict[str, int]
"""What the call hands back, by the label of its row."""

REFUSED = -1
"""For all that a call may return that did nothing, where it is not said why (Reference.done)."""

_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Lru:
    """What reclaim knows of a folio; isolated: somebody else has it off its list."""

    isolated: bool = False
    unevictable: bool = False
    young: bool = False
    idle: bool = False


def lru_of(scenario: Scenario, choice: int) -> list[Lru]:
    """w_lru_state(): of each folio, by a number; zero leaves them plain."""
    return [_lru(choice + f) if choice else Lru() for f in range(len(scenario.folios))]


def _lru(number: int) -> Lru:
    h = (number * 0x9E3779B97F4A7C15 & _MASK) >> 40
    return Lru(not h >> 1 & 7, not h >> 4 & 7, not h >> 9 & 3, not h >> 7 & 3)


def digest(numbers: Iterable[int]) -> int:
    """Several numbers as the one that adapters make of them, in the 64 bits of a long with its sign."""
    found = 0
    for number in numbers:
        found = found * 31 + number & _MASK
    return (found + (1 << 63) & _MASK) - (1 << 63)


# The slot of the second pair of tables that the first entry of the range goes to (Entry.destination): the walker
# and the labels of rows both ask here. slots: entries of a page table.


def first_slot(scenario: Scenario, slots: int = SLOTS) -> int:  # noqa: ARG001 - the same for all
    """Of entries that have no destination of their own, or that find one as they run (contpte.h)."""
    return 0


def same_place(scenario: Scenario, slots: int = SLOTS) -> int:
    """generic.h: where it is in its own table."""
    return scenario.start % slots


def same_slot(scenario: Scenario, slots: int = SLOTS) -> int:  # noqa: ARG001 - for any
    """Fork: the child's tables are counted like the parent's."""
    return scenario.start


def in_one_table(scenario: Scenario, slots: int = SLOTS) -> int:
    """move_ptes.h: what is moved stays within one page table."""
    n = scenario.end - scenario.start
    to = scenario.options[0]
    return to % (slots - n + 1) if to else scenario.start % slots


def in_two_tables(scenario: Scenario, slots: int = SLOTS) -> int:
    """uffd_move.h: odd numbers lead across the end of the first table."""
    n, option = scenario.end - scenario.start, scenario.options[0]
    to = option % (2 * slots - n + 1) if option else scenario.start % slots
    return slots - to % n if option & 1 else to
