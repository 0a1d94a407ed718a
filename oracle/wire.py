# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenario and the runner's numbers in Python; names come from the one C header both sides read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

EXITS, AGENT, FAILS = 2, 4, 7 << 3  # W_MM_EXITS, W_MM_AGENT, the bits of W_MM_FAILS
_HEADER = Path(__file__).parent / "world" / "wire.h"


@cache
def _list(which: str) -> tuple[tuple[str, str], ...]:
    text = _HEADER.read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(rf"#define W_{which}\(X\)(.*)", text)
    if found is None:
        raise KeyError(which)
    return tuple(re.findall(r'X\((\w+)(?:, "([^"]*)")?\)', found.group(1)))


@cache
def names(which: str) -> tuple[str, ...]:
    """The names of a list of wire.h by position: names("RULES") -> ("B1", ...)."""
    return tuple(name for name, _ in _list(which))


@cache
def words(which: str) -> tuple[str, ...]:
    """What the members of such a list are called in reports: words("BARRIERS") -> ("full barrier", ...)."""
    return tuple(text for _, text in _list(which))


def command(name: str, *given: object) -> str:
    """A command for the runner: its word, one of COMMANDS, and what it is given."""
    if name not in names("COMMANDS"):
        raise KeyError(name)
    return " ".join((name, *map(str, given)))


def mask(which: str, *chosen: str) -> int:
    """Bit mask of names of a list."""
    return sum(1 << names(which).index(n) for n in chosen)


@dataclass(frozen=True)
class Folio:
    """kind, bits: see wire.h; order: log2 of its pages; pfn: first page in the simulated memory."""

    kind: int
    order: int
    bits: int
    pfn: int


@dataclass(frozen=True)
class Slot:
    """What a page-table slot holds at the start: kind and bits of wire.h; folio (or swap type), page (or offset)."""

    kind: int = 0
    bits: int = 0
    folio: int = 0
    index: int = 0


@dataclass(frozen=True)
class Scenario:
    """A table to start from and what to call on it. Slots count from the start of the first page table;
    [start, end) is the range worked on, [vma_first, vma_end) the VMA. At most 1024 slots, 40 folios."""

    vma: int
    mm: int
    first: int
    start: int
    end: int
    vma_first: int
    vma_end: int
    salt: int
    options: tuple[int, ...]
    folios: tuple[Folio, ...]
    slots: tuple[Slot, ...]

    def numbers(self) -> str:
        """The form the runner reads."""
        head = (self.vma, self.mm, self.first, len(self.slots), self.start, self.end, self.vma_first, self.vma_end,
                len(self.folios), self.salt, *self.options)  # fmt: skip
        folios = (n for f in self.folios for n in (f.kind, f.order, f.bits, f.pfn))
        slots = (n for s in self.slots for n in (s.kind, s.bits, s.folio, s.index))
        return " ".join(map(str, (*head, *folios, *slots)))

    @property
    def fails(self) -> int:
        """The how-manieth call that may fail does, where the entry has no option of its own for that; 0: none."""
        return (self.mm & FAILS) // (FAILS & -FAILS)

    def change(self, **fields: object) -> Scenario:
        """A copy with some fields replaced."""
        return replace(self, **fields)  # type: ignore[arg-type]


_OPTIONS = 8


def scenario(text: str) -> Scenario:
    """Read the runner's form. Raises ValueError when it is not one."""
    n = [int(word) for word in text.split()]
    if len(n) < 10 + _OPTIONS:
        raise ValueError("a scenario has at least 18 numbers")
    vma, mm, first, nslots, start, end, vma_first, vma_end, nfolios, salt = n[:10]
    options = tuple(n[10 : 10 + _OPTIONS])
    rest = n[10 + _OPTIONS :]
    if len(rest) != 4 * (nfolios + nslots):
        raise ValueError(f"{len(rest)} numbers for {nfolios} folios and {nslots} slots")
    four = [tuple(rest[i : i + 4]) for i in range(0, len(rest), 4)]
    folios = tuple(Folio(*f) for f in four[:nfolios])
    slots = tuple(Slot(*s) for s in four[nfolios:])
    return Scenario(vma, mm, first, start, end, vma_first, vma_end, salt, options, folios, slots)
