# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between two slices, apart from the rest: enough to see whether both compile to the same code.

Where only bodies of functions differ, and these compile to the same code for any caller, the whole does: all else is
the same text. So only they are compiled, each for any caller, since macros and tables call as functions do, with what
is inlined in them. What calls them, and what they call, stays out: that is most of a slice. Where more differs (a
macro, a type, what the world is told), both slices are compiled whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from reviewer.csource.items import Item
from reviewer.slicing.slice import Piece, Slice, as_static
from reviewer.slicing.world import ENTRIES, WORLD

Texts = tuple[str, str]
_LINE = re.compile(r"^#line .*\n", re.MULTILINE)
_INLINE = re.compile(r"\binline\b")


@dataclass(frozen=True)
class Apart:
    """What has to compile to the same code, before and after. marked: the same with the probes of the slices."""

    plain: Texts
    marked: Texts


def apart(before: Slice, after: Slice, *, placed: bool) -> Apart:
    """What differs between the slices of one entry. placed: code asks where it is, so that a line's number counts."""
    whole = Apart((before.plain, after.plain), (before.text, after.text))
    sides = (before, after)
    old, new = (_bodies(side, placed) for side in sides)
    both = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    single = old.keys() ^ new.keys()
    if not both or not single.isdisjoint(_asked()) or _rest(before, single, placed) != _rest(after, single, placed):
        return whole
    cut = [list(_cut(side, frozenset(both | single), sorted(both))) for side in sides]
    return Apart(
        ("\n".join(p.plain for p in cut[0]), "\n".join(p.plain for p in cut[1])),
        ("\n".join(p.text for p in cut[0]), "\n".join(p.text for p in cut[1])),
    )


def _bodies(side: Slice, placed: bool) -> dict[str, str]:
    return {p.name: _said(p, placed) for p in side.pieces if p.kind == "body"}


def _said(piece: Piece, placed: bool) -> str:
    return piece.plain if placed else unplaced(piece.plain)


def unplaced(code: str) -> str:
    """C text without what only says where in the tree it stands."""
    return _LINE.sub("", code)


def _rest(side: Slice, single: Iterable[str], placed: bool) -> list[str]:
    """All but bodies, and but what only tells of functions that one side has alone."""
    return [_said(p, placed) for p in side.pieces if p.kind != "body" and p.name not in single]


def _cut(side: Slice, differing: frozenset[str], roots: Iterable[str]) -> Iterator[Piece]:
    """The pieces to compile: headers, and of the bodies those that differ or that may be inlined in them. roots: what
    both sides have, and may be called from anywhere."""
    bodies = False
    for piece in side.pieces:
        if piece.kind == "calling":
            return
        if piece.kind != "body":
            yield piece
            continue
        if not bodies:
            known = (f"W_ROOT {as_static(side.functions[name].signature)};" for name in roots)
            text = "\n".join(known)
            yield Piece(text, text)
            bodies = True
        if piece.name in differing or _small(side.functions[piece.name]):
            yield piece


def _small(item: Item) -> bool:
    """Whether a function is meant to be inlined."""
    return item.file.endswith(".h") or _INLINE.search(item.signature) is not None


@cache
def _asked() -> frozenset[str]:
    """The names of which the world asks whether a tree has them."""
    files = [*WORLD.glob("*.[ch]"), *ENTRIES.glob("*.h")]
    return frozenset(name for f in files for name in re.findall(r"\bHAVE_(\w+)", f.read_text(encoding="utf-8")))
