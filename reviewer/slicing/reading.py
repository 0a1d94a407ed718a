"""A file as the items a configuration compiles, read once for each text.

A review reads the same headers for every entry, flavour and side, and only what the patch changes differs: so what
was read is kept by the file's bytes and what was known before it. Results are shared and not to be changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from oracle import sandbox
from reviewer.csource import Item, blank_attributes, items_of
from reviewer.slicing.declared import tracepoints, variables
from reviewer.slicing.preprocess import Branch, Macros, conditionals

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
    text = blank_attributes(resolved.text)
    made = (*tracepoints(path, resolved.text), *variables(path, resolved.text))
    items = (*((item, (item.name,)) for item in made), *items_of(path, text))
    names: dict[str, Item] = {}
    for item, defined in items:
        for name in defined:
            other = names.get(name)
            if other is None or _RANK[item.kind] < _RANK[other.kind]:
                names[name] = item
    digest = hashlib.sha256(b"\0".join((before.digest, path.encode(), raw))).digest()
    return Read(items, names, Known(digest, macros), resolved.left_out, resolved.faults, text)
