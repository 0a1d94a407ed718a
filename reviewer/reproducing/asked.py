# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests after the call are made of, and what one is."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.reproducing.model import Calling
from reviewer.reproducing.rows import Rows
from reviewer.reproducing.setup import Setup
from reviewer.reproducing.table import Table

# What the kernel says itself, where the table need not show it: counts at exit, its own checks, a crash.
LOG = {"G1", "G2", "G4", "G6", "X5", "X2", "B1", "B2", "F4"}
# Old translations: an access right after the call tells.
FLUSH = {"T1", "T2", "T4", "T5", "T6", "T7", "T9"}
# Pages that are copied or moved to others, of which no row is left.
COPIED = {"B11", "B12", "D6"}
# Folios that nobody gives back.
LOST = {"G3", "G6"}
# In the order of the program: what has to come at once, what looks, what reads, what reclaim does, what writes, and
# what writes when a VMA that was read-only may be written to, and what comes back when all is unmapped.
AT_ONCE, LOOKS, READS, RECLAIMED, WRITES, OPENED, UNMAPPED = range(7)


@dataclass(frozen=True)
class Test:
    """A test of the program. when: its place in the order above; rule: whether the finding is about it."""

    when: int
    function: str
    rule: bool
    arguments: str

    @property
    def text(self) -> str:
        given = f", {self.arguments}" if self.arguments else ""
        return f"{self.function}({'RULE' if self.rule else 'ALSO'}{given});"


@dataclass(frozen=True)
class Asked:
    """What tests are made of. right: rows that should have been left, wrong: those that a run left; rule: of the
    finding."""

    table: Table
    call: Calling
    setup: Setup
    right: Rows
    wrong: Rows
    rule: str

    def writable(self, at: int) -> bool:
        """Whether what this PTE maps may be written to when all is done."""
        return at not in self.table.vma or "PROT_WRITE" in self._rights(at)

    def readable(self, at: int) -> bool:
        """Whether it may be read."""
        return at not in self.table.vma or "PROT_NONE" not in self._rights(at)

    def _rights(self, at: int) -> str:
        if self.call.was:
            return self.call.text[0] if at in self.table.asked else self.call.was
        return "PROT_NONE" if self.table.closed else "PROT_WRITE" if "WRITE" in self.table.flags else ""

    def zero(self, at: int) -> bool:
        """Whether nobody has written to it by then."""
        brought = self.table.anonymous and self.call.faults is not None  # by a fault of memory
        empty = brought and self.table.entries[at].kind in ("NONE", "ZERO")
        return (empty or at in self.setup.unwritten) and f"touch_write({at});" not in self.call.text

    def may_go(self, at: int) -> bool:
        """Whether the page was to be freed lazily, and the system call goes on to do that."""
        entry = self.table.entries[at]
        freed = entry.kind == "PAGE" and "SWAPBACKED" not in self.table.folios[entry.folio].bits
        lazily = freed and self.table.folios[entry.folio].kind == "ANON" and "DIRTY" not in entry.bits
        return lazily and (self.call.beyond or self.call.again)

    @property
    def flushes(self) -> bool:
        return self.rule in FLUSH
