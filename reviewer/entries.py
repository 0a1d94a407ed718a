"""The entries that exercise what a patch changed: a helper is exercised through its callers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oracle.entries import ENTRIES, Entry
from oracle.flavours import DEFAULT, FLAVOURS, GENERIC_HEADERS, GENERIC_SOURCES
from reviewer.errors import SliceError
from reviewer.model import ChangedFunction, PatchTrees
from reviewer.pair import reachable

# What many entries share is run through so many of them: one alone may not depend on what changed.
_MOST = 4
Key = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """entries: what to run. reached: (function, file) -> the entries that reach it. why: for the others."""

    entries: tuple[Entry, ...]
    reached: dict[Key, tuple[Entry, ...]]
    why: dict[Key, str]


def plan(
    trees: PatchTrees,
    functions: Iterable[ChangedFunction],
    touched: frozenset[str],
    flavours: Iterable[str] = DEFAULT,
) -> Plan:
    """Choose entries for the changed functions, macros and types; on some of the flavours."""
    reach = _Reach(trees, touched, tuple(flavours))
    reached: dict[Key, tuple[Entry, ...]] = {}
    why: dict[Key, str] = {}
    for function in functions:
        key = (function.name, function.file)
        found: list[Entry] = []
        for candidate in _candidates(function):
            if len(found) < _MOST and reach.has(candidate, key):
                found.append(candidate)
        if found:
            reached[key] = tuple(found)
        elif not _flavours(function.file):
            why[key] = "no flavour compiles this file"
        else:
            why[key] = "no entry that can be exercised reaches it"
    chosen = dict.fromkeys(e for entries in reached.values() for e in entries)
    return Plan(tuple(chosen), reached, why)


def _flavours(file: str) -> tuple[str, ...]:
    """The flavours that compile a file at all."""
    parts = file.split("/")
    return tuple(f for f, flavour in FLAVOURS.items() if parts[0] != "arch" or parts[1] == flavour.arch)


def _candidates(function: ChangedFunction) -> list[Entry]:
    """Entries worth asking: itself, those of the same file, then those whose slices can hold the file at all."""
    own = [e for e in ENTRIES if e.name == function.name and function.file in e.files]
    near = [e for e in ENTRIES if function.file in e.files]
    shared = {*GENERIC_HEADERS, *GENERIC_SOURCES, *(p for f in FLAVOURS.values() for p in (*f.headers, *f.sources))}
    far = ENTRIES if function.file in shared or function.file.endswith(".h") else ()
    return list(dict.fromkeys([*own, *near, *far]))


class _Reach:
    """Which functions an entry's slices hold, asked once for each entry, flavour and side."""

    def __init__(self, trees: PatchTrees, touched: frozenset[str], flavours: tuple[str, ...]) -> None:
        self.trees = trees
        self.touched = touched
        self.flavours = flavours
        self.known: dict[tuple[str, str, bool], frozenset[Key]] = {}

    def has(self, entry: Entry, key: Key) -> bool:
        """Whether the entry reaches the function, after the patch or before, on some flavour."""
        flavours = [f for f in self.flavours if f in (entry.flavours or self.flavours) and f in _flavours(key[1])]
        return any(key in self._names(entry, flavour, after) for after in (True, False) for flavour in flavours)

    def _names(self, entry: Entry, flavour: str, after: bool) -> frozenset[Key]:
        asked = (entry.name, flavour, after)
        if asked not in self.known:
            tree = self.trees.after if after else self.trees.before
            try:
                self.known[asked] = reachable(tree, entry, flavour, self.touched)
            except SliceError:
                self.known[asked] = frozenset()
        return self.known[asked]
