# SPDX-License-Identifier: GPL-2.0-or-later
"""The entries that exercise what a patch changed: a helper is exercised through its callers.

Where no entry with an adapter reaches, the function itself or a caller in its file is taken as a generic entry, if
the code before the patch comes through it without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from oracle import sandbox
from oracle.entries import ENTRIES, Entry, generic
from oracle.flavours import DEFAULT, FLAVOURS, GENERIC_HEADERS, GENERIC_SOURCES
from reviewer.building.pair import reachable
from reviewer.changes.touching import compiling, functions_of
from reviewer.errors import SliceError
from reviewer.model import ChangedFunction, PatchTrees
from reviewer.selection.trial import attempt

# What many entries share is run through so many of them: one alone may not depend on what changed.
_MOST = 4
_USING = 12  # for what is no function, so that all who use it are run
# Generic entries to try for one function, and scenarios that show whether one will do.
_TRIES = 3
_TRIAL = 2_000
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
    sources: tuple[str, ...] = (),
    users: Mapping[Key, frozenset[Key]] = MappingProxyType({}),
) -> Plan:
    """Choose entries for the changed functions, macros and types; on some of the flavours. touched, sources: the names
    and the files that the patch changes; users: of what is no function, the functions that use it."""
    reach = _Reach(trees, touched, sources, tuple(flavours))
    reached: dict[Key, tuple[Entry, ...]] = {}
    why: dict[Key, str] = {}
    for function in sorted(functions, key=lambda f: f.side == "after"):
        key = (function.name, function.file)
        found: list[Entry] = []
        for candidate in _candidates(function, sources) if function.compiled else ():
            if len(found) < _MOST and reach.has(candidate, key):
                found.append(candidate)
            elif found and len(found) < _USING and users.get(key):
                left = users[key] - reach.names(found)
                found += [candidate] if not left.isdisjoint(reach.names([candidate])) else []
        if not found and function.side == "after":  # what is new is called by what changed
            found = [e for own in reached.values() for e in own if reach.has(e, key)][:1]
        if found:
            reached[key] = tuple(found)
        elif function.hidden:
            why[key] = function.hidden
        elif not function.bears:
            why[key] = "no entry that can be exercised reaches it"
        else:
            own, why[key] = _generic(trees, function, touched, sources, reach.flavours)
            reached |= {key: (own,)} if own is not None else {}
    chosen = {e.name: e for entries in reached.values() for e in entries}
    return Plan(tuple(chosen.values()), reached, why)


def _generic(
    trees: PatchTrees, function: ChangedFunction, touched: frozenset[str], sources: tuple[str, ...],
    flavours: tuple[str, ...],
) -> tuple[Entry | None, str]:  # fmt: skip
    """(entry, "") for the function or a caller in its file that can be called by its signature, or (None, why not)."""
    why = ""
    for name in _callers(trees, function)[:_TRIES]:
        tree, usable = trees.before, []
        if not any(name == i.name for i in functions_of(tree, (function.file,), compiling(function.file)[0])):
            tree = trees.after
        for flavour in compiling(function.file, flavours):
            trial = attempt(tree, generic(name, function.file), flavour, 1, _TRIAL, touched, sources)
            ran = name == function.name or trial.lines(function.name, function.file)[1]
            if not trial.why and ran:
                usable.append(flavour)
            why = why or trial.why
        if usable:
            return replace(generic(name, function.file), flavours=tuple(usable)), ""
    return None, why or "no entry that can be exercised reaches it"


def _callers(trees: PatchTrees, function: ChangedFunction) -> list[str]:
    """The function itself, then what names it in its file, before the patch or after."""
    found: list[str] = []
    for tree in (trees.after, trees.before):
        for flavour in compiling(function.file):
            items = functions_of(tree, (function.file,), flavour)
            found += [i.name for i in items if i.name == function.name]
            found += [i.name for i in items if function.name in i.refs]
    return sorted(dict.fromkeys(found), key=lambda n: n != function.name)


def _candidates(function: ChangedFunction, sources: tuple[str, ...]) -> list[Entry]:
    """Entries worth asking: itself, those of the same file, then those whose slices can hold the file at all, be it
    that the patch changes their own file too."""
    own = [e for e in ENTRIES if e.name == function.name and function.file in e.files]
    near = [e for e in ENTRIES if function.file in e.files]
    shared = {*GENERIC_HEADERS, *GENERIC_SOURCES, *(p for f in FLAVOURS.values() for p in (*f.headers, *f.sources))}
    far = ENTRIES if function.file in shared or function.file.endswith(".h") else ()
    beside = [e for e in ENTRIES if not {*e.files}.isdisjoint(sources)]
    return list(dict.fromkeys([*own, *near, *beside, *far]))


class _Reach:
    """Which functions an entry's slices hold, asked once for each entry, flavour and side."""

    def __init__(
        self, trees: PatchTrees, touched: frozenset[str], sources: tuple[str, ...], flavours: tuple[str, ...]
    ) -> None:
        self.trees = trees
        self.touched = touched
        self.sources = sources
        self.flavours = flavours
        self.known: dict[tuple[str, str, bool], frozenset[Key]] = {}

    def has(self, entry: Entry, key: Key) -> bool:
        """Whether the entry reaches the function, before the patch or after, on some flavour."""
        for flavour in [f for f in self.flavours if f in (entry.flavours or self.flavours)]:
            before = self._names(entry, flavour, after=False)
            if entry.name in self.touched and not self._stays(entry, flavour):
                continue
            # What leads to nothing that the patch touches leads to the same after it.
            if key in before or (
                any(name in self.touched for name, _ in before) and key in self._names(entry, flavour, after=True)
            ):
                return True
        return False

    def _stays(self, entry: Entry, flavour: str) -> bool:
        """Whether the entry is a function before and after: one that is gone, or new, has nothing to be run against."""
        sides = (self._names(entry, flavour, after) for after in (False, True))
        return all(any(name == entry.name and file for name, file in names) for names in sides)

    def names(self, entries: Iterable[Entry]) -> frozenset[Key]:
        """What these entries lead to after the patch."""
        found: set[Key] = set()
        for entry in entries:
            for flavour in [f for f in self.flavours if f in (entry.flavours or self.flavours)]:
                found |= self._names(entry, flavour, after=True)
        return frozenset(found)

    def _names(self, entry: Entry, flavour: str, after: bool) -> frozenset[Key]:
        sandbox.check()
        asked = (entry.name, flavour, after)
        if asked not in self.known:
            tree = self.trees.after if after else self.trees.before
            try:
                self.known[asked] = reachable(tree, entry, flavour, self.touched, self.sources)
            except SliceError:
                self.known[asked] = frozenset()
        return self.known[asked]
