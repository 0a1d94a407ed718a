# SPDX-License-Identifier: GPL-2.0-or-later
"""Where an entry puts what it moves or copies: the slot of the second pair of tables that the first entry of the range
goes to, as its adapter has it in W.dst_first. The walker and the labels of rows both ask here."""

from __future__ import annotations

from oracle.reference.table import SLOTS
from oracle.wire import Scenario


def same_slot(scenario: Scenario) -> int:
    """Fork: the child's tables are counted like the parent's."""
    return scenario.start


def in_one_table(scenario: Scenario) -> int:
    """move_ptes.h: what is moved stays within one page table."""
    n = scenario.end - scenario.start
    to = scenario.options[0]
    return to % (SLOTS - n + 1) if to else scenario.start % SLOTS


def in_two_tables(scenario: Scenario) -> int:
    """uffd_move.h: odd numbers lead across the end of the first table."""
    n, option = scenario.end - scenario.start, scenario.options[0]
    to = option % (2 * SLOTS - n + 1) if option else scenario.start % SLOTS
    return SLOTS - to % n if option & 1 else to
