"""Which lines of a file a patch adds and removes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from reviewer.csource import Item


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


def opcodes(old: list[bytes], new: list[bytes]) -> list[tuple[str, int, int, int, int]]:
    """Opcodes; what is common at both ends is set aside first, or large files take seconds."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = difflib.SequenceMatcher(a=old[head : len(old) - tail], b=new[head : len(new) - tail], autojunk=False)
    return [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in inner.get_opcodes()]
