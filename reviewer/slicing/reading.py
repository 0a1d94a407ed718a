# SPDX-License-Identifier: GPL-2.0-or-later
"""A file as the items a configuration compiles, read once for each text.

A review reads the same headers for every entry, flavour and side, and only what the patch changes differs: so what
was read is kept by the file's bytes and what was known before it. Results are shared and not to be changed.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from oracle import sandbox
from reviewer.attributes import blank_attributes, line_macros
from reviewer.csource import Item, items_of
from reviewer.slicing.declared import tracepoints, variables
from reviewer.slicing.preprocess import Branch, Macros, Resolved, conditionals

_RANK = {"function": 0, "macro": 1, "type": 2, "variable": 3, "prototype": 4}
# The headers and sources of a review on two flavours are about 300, and some differ before and after.
_KEPT = 1024


@dataclass(frozen=True)
class Known:
    """The macros at some point of reading. digest: of all that was read up to there, which is what is compared."""

    digest: bytes
    macros: Macros = field(compare=False, repr=False)


@dataclass(frozen=True)
class Read:
    """items: of the file, each with every name it defines. names: what each name means in it; where it is defined
    more than once, what ends a search comes first. known: the macros after it.
    left_out: what conditionals hide. faults: directives that end a compilation. text: what was parsed."""

    items: tuple[tuple[Item, tuple[str, ...]], ...]
    names: Mapping[str, Item]
    known: Known
    left_out: tuple[Branch, ...]
    faults: tuple[tuple[int, str], ...]
    text: bytes


def known(macros: Mapping[str, str]) -> Known:
    """The start of reading with these macros defined."""
    text = "\0".join(f"{name}\0{value}" for name, value in sorted(macros.items()))
    return Known(hashlib.sha256(text.encode()).digest(), Macros(dict(macros)))


@lru_cache(maxsize=_KEPT)
def read(path: str, raw: bytes, before: Known, shown: tuple[tuple[int, int], ...] = ()) -> Read:
    """The items of a file read with these macros known. shown: the branches to read whatever they ask for."""
    sandbox.check()
    macros = before.macros.copy()
    resolved = conditionals(raw, macros, dict(shown))
    text = blank_attributes(resolved.text, macros.meant)
    made = (*tracepoints(path, resolved.text), *variables(path, resolved.text))
    items = (*((item, (item.name,)) for item in made), *items_of(path, text))
    names: dict[str, Item] = {}
    for item, defined in items:
        for name in defined:
            other = names.get(name)
            if other is None or _RANK[item.kind] < _RANK[other.kind]:
                names[name] = item
    faults = (*resolved.faults, *_unread(resolved, items))
    digest = hashlib.sha256(b"\0".join((before.digest, path.encode(), raw))).digest()
    return Read(items, names, Known(digest, macros), resolved.left_out, faults, text)


def _unread(resolved: Resolved, items: Sequence[tuple[Item, tuple[str, ...]]]) -> Iterator[tuple[int, str]]:
    """What stands in functions and is not read: includes, and macros that are lines of their own."""
    functions = sorted((i.line, i.last_line, i.name) for i, _ in items if i.kind == "function")
    starts = [first for first, _, _ in functions]
    for line, what in [*((line, "#include") for line in resolved.includes), *line_macros(resolved.text)]:
        at = bisect_left(starts, line) - 1
        if at >= 0 and line <= functions[at][1]:
            yield line, f"what {what} stands for in {functions[at][2]}() is not read"
