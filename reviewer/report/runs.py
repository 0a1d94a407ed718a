# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of like rows as one: sixteen PTEs of a folio with the same bits read better as "PTE 0..15  A[0..15] rw"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LABEL = re.compile(r"^(.*?)(-?\d+)(\]?)$")
_INDEX = re.compile(r"\[(\d+)\]|(?<= \d:)(\d+)")


@dataclass(frozen=True)
class Run:
    """Rows first..last of a sequence as one label and one text for each column."""

    first: int
    last: int
    label: str
    texts: tuple[str, ...]


def runs(rows: Sequence[tuple[str, tuple[str, ...]]]) -> list[Run]:
    """Join neighbours whose labels count up and whose texts are alike, page numbers counting up with them."""
    found: list[Run] = []
    at = 0
    while at < len(rows):
        last = at
        while last + 1 < len(rows) and _follows(rows[last], rows[last + 1]):
            last += 1
        found.append(_joined(rows, at, last))
        at = last + 1
    return found


def _follows(row: tuple[str, tuple[str, ...]], after: tuple[str, tuple[str, ...]]) -> bool:
    a, b = _LABEL.match(row[0]), _LABEL.match(after[0])
    if a is None or b is None or (a[1], a[3]) != (b[1], b[3]) or int(b[2]) != int(a[2]) + 1:
        return False
    return all(_next(x, y) for x, y in zip(row[1], after[1], strict=True))


def _next(text: str, after: str) -> bool:
    if _INDEX.sub("#", text) != _INDEX.sub("#", after):
        return False
    return [n + 1 for n in _numbers(text)] == _numbers(after)


def _numbers(text: str) -> list[int]:
    return [int(a or b) for a, b in _INDEX.findall(text)]


def _joined(rows: Sequence[tuple[str, tuple[str, ...]]], first: int, last: int) -> Run:
    label, texts = rows[first]
    if first == last:
        return Run(first, last, label, texts)
    a, b = _LABEL.match(label), _LABEL.match(rows[last][0])
    if a is not None and b is not None:
        label = f"{a[1]}{a[2]}..{b[2]}{a[3]}"
    return Run(first, last, label, tuple(_spanned(x, y) for x, y in zip(texts, rows[last][1], strict=True)))


def _spanned(text: str, end: str) -> str:
    ends: Iterable[int] = iter(_numbers(end))

    def span(match: re.Match[str]) -> str:
        last = next(iter(ends))
        return f"[{match[1]}..{last}]" if match[1] else f"{match[2]}..{last}"

    return _INDEX.sub(span, text)
