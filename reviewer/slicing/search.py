# SPDX-License-Identifier: GPL-2.0-or-later
"""What many files define as one table, so that a name is looked up once and not in each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reviewer.csource.items import Item

_IN_WORD = re.compile(rb"\w")
_BRACKET = re.compile(rb"\s*\(")
_BEFORE = re.compile(rb"(?:\w[\w \t*]*[ \t*])?")


@dataclass(frozen=True, eq=False)
class Names:
    """What some files have of a name: what defines it, or a prototype."""

    defined: Mapping[str, Item]
    declared: Mapping[str, Item]

    @classmethod
    def of(cls, names: Mapping[str, Item]) -> Names:
        """Those of one file."""
        declared = {name: item for name, item in names.items() if item.kind == "prototype"}
        return cls({n: i for n, i in names.items() if n not in declared} if declared else names, declared)

    def get(self, name: str) -> Item | None:
        """What has the name."""
        return self.defined.get(name) or self.declared.get(name)


def merged(files: Sequence[Names]) -> Names:
    """All of these files: of what more than one has, the first counts."""
    defined: dict[str, Item] = {}
    declared: dict[str, Item] = {}
    for names in reversed(files):
        defined.update(names.defined)
        declared.update(names.declared)
    return Names(defined, declared)


@lru_cache(maxsize=16384)
def defines(raw: bytes, name: str) -> bool:
    """Whether a line of a text begins as the definition of this function does, or a call at the start of a line."""
    call = name.encode() + b"("
    at = raw.find(call)
    while at >= 0:
        if _BEFORE.fullmatch(raw, raw.rfind(b"\n", 0, at) + 1, at) is not None:
            return True
        at = raw.find(call, at + 1)
    return False


@lru_cache(maxsize=16384)
def calls(raw: bytes, name: str) -> bool:
    """Whether a name stands in a text with a bracket behind it."""
    word = name.encode()
    at = raw.find(word)
    while at >= 0:
        if not _IN_WORD.match(raw, at - 1, at) and _BRACKET.match(raw, at + len(word)):
            return True
        at = raw.find(word, at + 1)
    return False


def homes(sources: Mapping[str, bytes], name: str) -> Iterable[str]:
    """The sources that seem to define a function."""
    return [path for path, raw in sources.items() if defines(raw, name)]
