# SPDX-License-Identifier: GPL-2.0-or-later
"""A slice: one self-contained C file in its pieces, and what its parts are of the tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from reviewer.csource.items import Item
from reviewer.slicing.probes import Probe, instrument

Kind = Literal["", "name", "prototype", "body", "calling"]


@dataclass(frozen=True)
class Piece:
    """A part of the C file. plain: the same without probes. kind: of what is about one function, by its name, or that
    here begins what calls the entry."""

    text: str
    plain: str
    kind: Kind = ""
    name: str = ""


@dataclass(frozen=True)
class Slice:
    """pieces: the C file. probes: what its coverage counters mean. functions: the tree's functions in it."""

    entry: str
    pieces: tuple[Piece, ...]
    probes: tuple[Probe, ...]
    functions: dict[str, Item]
    stubs: tuple[str, ...]
    instead: frozenset[str]  # names of the world for which the tree's own code is run
    ends: dict[str, int]  # functions at which a run ends since they are not modelled: the probe that tells
    found: Mapping[str, Item]  # all that was taken from the tree, by each name that is used
    stood_in: frozenset[str] = frozenset()  # functions whose code does not compile here, and names left out
    dropped: frozenset[str] = frozenset()
    not_asked: tuple[str, ...] = ()  # rules that nobody asks here, B14 for batches that are not forced to one

    @cached_property
    def text(self) -> str:
        """The C file."""
        return "\n".join(piece.text for piece in self.pieces)

    @cached_property
    def plain(self) -> str:
        """The same without its probes."""
        return "\n".join(piece.plain for piece in self.pieces)

    @cached_property
    def parts(self) -> tuple[Item, ...]:
        """What was taken from the tree, each once."""
        return tuple({(i.file, i.line, i.name): i for i in self.found.values()}.values())

    def holds(self, name: str, file: str) -> bool:
        """Whether the code of that name in that file is compiled, not only called."""
        item = self.found.get(name)
        return item is not None and item.file == file and item.kind != "prototype" and name not in self.stood_in

    def leading_to(self, names: Collection[str]) -> frozenset[str]:
        """The parts that hold one of the names or lead to one, by what they use."""
        wanted = {self.found[n].name for n in names if n in self.found} | set(names)
        grown = True
        while grown:
            more = {i.name for i in self.parts if i.name not in wanted and not wanted.isdisjoint(self._uses(i))}
            wanted |= more
            grown = bool(more)
        return frozenset(wanted)

    def forced(self, probe: int) -> str:
        """The text with the condition that leads to a probe taken for true; the same text where there is none."""
        item = self.functions[self.probes[probe].function]
        start = next(n for n, p in enumerate(self.probes) if p.function == item.name)
        old, new = (as_static(instrument(item, start, at)[0]) for at in (None, probe))
        return self.text.replace(old, new, 1)

    def _uses(self, item: Item) -> set[str]:
        return {self.found[r].name if r in self.found else r for r in item.refs}


def as_static(text: str) -> str:
    """The same function, private to the slice."""
    head, rest = text.split("(", 1)
    words = re.sub(r"\b(?:static|extern|inline|__inline__|__inline)\b\s*", "", head).lstrip()
    return f"static {'inline ' if 'inline' in head else ''}{words}({rest}"
