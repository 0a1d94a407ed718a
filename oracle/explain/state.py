# SPDX-License-Identifier: GPL-2.0-or-later
"""What the adapters make of a scenario's numbers beyond its table: oracle/entries/lru_state.h."""

from __future__ import annotations

from dataclasses import dataclass

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


def lru_of(scenario: Scenario, choice: int) -> list[Lru]:
    """w_lru_state(): of each folio, by a number; zero leaves them plain."""
    return [_lru(choice + f) if choice else Lru() for f in range(len(scenario.folios))]


def _lru(number: int) -> Lru:
    h = (number * 0x9E3779B97F4A7C15 & _MASK) >> 40
    return Lru(not h >> 1 & 7, not h >> 4 & 7, not h >> 9 & 3)


def signed(number: int) -> int:
    """A number as a long has it: results that are hashes."""
    return (number + (1 << 63) & _MASK) - (1 << 63)
