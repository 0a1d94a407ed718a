# SPDX-License-Identifier: GPL-2.0-or-later
"""A file as the items a configuration compiles.

What is read of a file depends on its bytes and on what it asks of the macros before it, which is little. So what was
asked is told, with the answers: wherever they are the same the file reads so, whatever else stands before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewer.csource.attributes import blank_attributes, line_macros
from reviewer.csource.items import Item, items_of
from reviewer.csource.macros import Asked, Done, Layer, answered
from reviewer.csource.preprocess import Branch, Macros, Resolved, conditionals
from reviewer.slicing.declared import events, variables
from reviewer.slicing.search import Names

_RANK = {"function": 0, "macro": 1, "type": 2, "variable": 3, "prototype": 4}


@dataclass(frozen=True, eq=False)
class Read:
    """items: of the file, each with every name it defines. left_out: what conditionals hide. faults: directives that
    end a compilation.

    asked: what the file asks of the macros before it (macros.py). own: what it does to them. meant: of the words for
    attributes those that mean something else, before it and after."""

    items: tuple[tuple[Item, tuple[str, ...]], ...]
    left_out: tuple[Branch, ...]
    faults: tuple[tuple[int, str], ...]
    asked: Asked
    own: Done
    meant: tuple[frozenset[str], frozenset[str]]

    @cached_property
    def names(self) -> Mapping[str, Item]:
        """What each name means in the file; where it is defined more than once, what ends a search comes first."""
        names: dict[str, Item] = {}
        for item, defined in self.items:
            for name in defined:
                other = names.get(name)
                if other is None or _RANK[item.kind] < _RANK[other.kind]:
                    names[name] = item
        return names

    @cached_property
    def search(self) -> Names:
        """The same to look them up."""
        return Names.of(self.names)

    def fits(self, before: Macros) -> bool:
        """Whether the file reads so after these macros."""
        return before.meant == self.meant[0] and answered(self.asked, before)

    def take(self, macros: Macros) -> None:
        """Let macros be those after the file."""
        macros.take(self.own)
        macros.meant = self.meant[1]


def made(path: str, raw: bytes, before: Macros, shown: Mapping[int, int]) -> Read:
    """The items of a file read after these macros. shown: as for conditionals()."""
    macros = Layer(before)
    resolved = conditionals(raw, macros, shown)
    text = blank_attributes(resolved.text, macros.meant)
    made = (*events(path, resolved.text), *variables(path, resolved.text))
    items = (*((item, (item.name,)) for item in made), *items_of(path, text))
    faults = (*resolved.faults, *_unread(resolved, items))
    return Read(items, resolved.left_out, faults, macros.asked, macros.done(), (before.meant, macros.meant))


def _unread(resolved: Resolved, items: Sequence[tuple[Item, tuple[str, ...]]]) -> Iterator[tuple[int, str]]:
    """What stands in functions and is not read: includes, and macros that are lines of their own."""
    functions = sorted((i.line, i.last_line, i.name) for i, _ in items if i.kind == "function")
    starts = [first for first, _, _ in functions]
    for line, what in [*((line, "#include") for line in resolved.includes), *line_macros(resolved.text)]:
        at = bisect_left(starts, line) - 1
        if at >= 0 and line <= functions[at][1]:
            yield line, f"what {what} stands for in {functions[at][2]}() is not read"
