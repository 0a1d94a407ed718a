# SPDX-License-Identifier: GPL-2.0-or-later
"""Columns of a picture, and what lies over several of them: folios and contpte blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

END = "|"


@dataclass(frozen=True)
class Column:
    """PTEs first to last, which look alike in every state, counted from the start of the range. ends: with the last one
    the page table does."""

    first: int
    last: int
    ends: bool = False

    @property
    def label(self) -> str:
        said = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        return f"{said}{END}" if self.ends else said


@dataclass(frozen=True)
class Span:
    """Columns first to last under one name: a folio, with the pages of each column; contpte blocks, by the
    number of their PTEs, "16" or "2x16"."""

    name: str
    first: int
    last: int
    pages: tuple[str, ...] = ()


def folios(pages: Sequence[tuple[str, str]]) -> Iterator[Span]:
    """Neighbours of one folio whose pages count up."""
    at = 0
    while at < len(pages):
        last = at
        while (
            last + 1 < len(pages) and pages[last + 1][0] == pages[at][0] and _next(pages[last][1], pages[last + 1][1])
        ):
            last += 1
        if pages[at][0]:
            yield Span(pages[at][0], at, last, tuple(page for _, page in pages[at : last + 1]))
        at = last + 1


def _next(pages: str, after: str) -> bool:
    return bool(pages and after) and int(pages.rpartition(".")[2]) + 1 == int(after.partition(".")[0])


def blocks(columns: Sequence[Column], held: Sequence[bool], size: int, zero: int | None) -> Iterator[Span]:
    """Runs of columns that are contpte blocks of that many PTEs. held: whether a column is of any; zero: the slot of
    PTE 0, None where that is not known."""
    at = 0
    while at < len(columns):
        last = at
        while held[at] and last + 1 < len(columns) and held[last + 1]:
            if zero is not None and (zero + columns[last + 1].first) % size == 0:
                break
            last += 1
        if held[at] and size > 1:
            number = (columns[last].last - columns[at].first + 1) // size
            yield Span(f"{number}x{size}" if number > 1 else str(size), at, last)
        at = last + 1
