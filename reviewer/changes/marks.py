# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of a file a patch adds and removes."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from reviewer.csource.items import Item

# Finding the longest runs that are alike is quadratic, in lines and in pairs of lines that are alike. What is larger
# is cut at lines that stand once on either side; what is larger still counts as changed.
_LINES = 4_000
_PAIRS = 2_000_000
Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Marks:
    """The lines of a file that a patch changes."""

    added: frozenset[int]  # lines of the file after
    removed: frozenset[int]  # lines of the file before
    gaps: frozenset[int]  # lines after, where lines before were dropped


def line_marks(before: bytes, after: bytes) -> Marks:
    """Compare two versions of a file."""
    added: set[int] = set()
    removed: set[int] = set()
    gaps: set[int] = set()
    for tag, a, b, c, d in opcodes(before.split(b"\n"), after.split(b"\n")):
        if tag == "equal":
            continue
        added.update(range(c + 1, d + 1))
        removed.update(range(a + 1, b + 1))
        if c == d:
            gaps.add(c + 1)
    return Marks(frozenset(added), frozenset(removed), frozenset(gaps))


def within(item: Item | None, lines: frozenset[int]) -> tuple[int, ...]:
    """Those of the lines that an item has."""
    return tuple(n for n in range(item.line, item.last_line + 1) if n in lines) if item is not None else ()


def opcodes(old: list[bytes], new: list[bytes]) -> list[Opcode]:
    """Opcodes, of what is alike not all. What is common at both ends is set aside first, or large files take
    seconds."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    ends = (len(old) - tail, len(new) - tail)
    large = max(ends) - head > _LINES
    cuts = [*(_anchors(old, new, head, *ends) if large else ()), ends]
    found, i, k = [], head, head
    for j, n in cuts:
        found += _between(old[i:j], new[k:n], i, k)
        i, k = j + 1, n + 1
    return found


def _between(a: list[bytes], b: list[bytes], i: int, k: int) -> list[Opcode]:
    """The opcodes of two pieces that begin at these lines."""
    if max(len(a), len(b)) > _LINES:
        return [("replace", i, i + len(a), k, k + len(b))]
    inner = difflib.SequenceMatcher(_common(a, b).__contains__, a, b, autojunk=False)
    return [(tag, i + first, i + last, k + begin, k + end) for tag, first, last, begin, end in inner.get_opcodes()]


def _anchors(old: list[bytes], new: list[bytes], head: int, last: int, end: int) -> list[tuple[int, int]]:
    """The longest row of lines that stand once on either side, in the same order on both."""
    ours, theirs = Counter(old[head:last]), Counter(new[head:end])
    at = {line: n for n, line in enumerate(new[head:end], head) if theirs[line] == 1}
    both = [(n, at[line]) for n, line in enumerate(old[head:last], head) if ours[line] == 1 and line in at]
    tops: list[int] = []  # of the best row of each length, where its last line stands in new
    lengths: list[int] = []  # of the row that ends with each of both
    for _, there in both:
        lengths.append(bisect_left(tops, there))
        tops[lengths[-1] : lengths[-1] + 1] = [there]
    wanted, before, chosen = len(tops) - 1, end, []
    for (here, there), length in zip(reversed(both), reversed(lengths), strict=True):
        if length == wanted and there < before:
            chosen.append((here, there))
            wanted, before = wanted - 1, there
    return chosen[::-1]


def _common(a: list[bytes], b: list[bytes]) -> frozenset[bytes]:
    """The lines that stand in so many places that looking at each beside each takes too long: those are alike only
    where their neighbours are."""
    ours, theirs = Counter(a), Counter(b)
    pairs = {line: number * theirs[line] for line, number in ours.items()}
    left, common = sum(pairs.values()), set()
    for line in sorted(pairs, key=lambda line: (-pairs[line], line)):
        if left <= _PAIRS:
            break
        left -= pairs[line]
        common.add(line)
    return frozenset(common)
