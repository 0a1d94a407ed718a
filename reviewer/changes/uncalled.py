# SPDX-License-Identifier: GPL-2.0-or-later
"""What nothing calls: new functions that a later patch is to call, and functions that go since nothing called them.

What is new can only be called by what changed, so the changed code alone tells. What goes is unused only if no file
names it any more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from reviewer.changes.changed import Changes, items_in
from reviewer.csource.items import Item
from reviewer.model import ChangedFunction, PatchTrees, Tree

Key = tuple[str, str]


@dataclass(frozen=True)
class Called:
    """changes: what can be judged at this patch. waiting: what is new and not called. unused: what went and was not."""

    changes: Changes
    waiting: tuple[ChangedFunction, ...]
    unused: tuple[ChangedFunction, ...]


def called(trees: PatchTrees, changes: Changes, flavours: Collection[str], pending: Collection[Key]) -> Called:
    """Set aside what nothing calls at this patch, and take in what waited for it.

    pending: (name, file) of what earlier patches of the series brought and nothing has called since."""
    before, after = (_Items(tree, flavours) for tree in (trees.before, trees.after))
    new = {_key(f) for f in changes.functions if f.side == "after" and not _overrides(trees.before, f)}
    came = new | {k for k in pending if after.of(*k)}
    used = after.used({_key(f) for f in changes.functions} - came, came)
    gone = {_key(f) for f in changes.functions if f.side == "before"}
    lost = gone - before.used({_key(f) for f in changes.functions} - gone, gone)
    lost = {k for k in lost if not trees.after.holding([k[0].split()[-1]])}
    known = {_key(f) for f in changes.functions}
    taken = [_whole(item) for k in sorted((came & used) - known) for item in after.of(*k)[:1]]
    judged = [f for f in changes.functions if _key(f) not in (came - used) | lost]
    judged = [replace(f, side="after") if _key(f) in pending else f for f in judged]
    names = changes.names | {f.name for f in taken}
    return Called(
        replace(changes, functions=(*judged, *taken), names=frozenset(names)),
        tuple(f for f in changes.functions if _key(f) in came - used),
        tuple(f for f in changes.functions if _key(f) in lost),
    )


def _overrides(tree: Tree, function: ChangedFunction) -> bool:
    """Whether its name meant something before: then what used that name uses it now, changed or not."""
    word = function.name.split()[-1]
    if re.search(rb"\b%s\b" % re.escape(word.encode()), tree.read(function.file) or b""):
        return True
    shared = function.kind == "macro" or function.file.endswith(".h")
    return shared and any(path.endswith(".h") for path in tree.holding([word]))


def _key(function: ChangedFunction) -> Key:
    return function.name, function.file


def _whole(item: Item) -> ChangedFunction:
    at = tuple(range(item.line, item.last_line + 1))
    return ChangedFunction(item.name, item.file, at, kind=item.kind, side="after")


class _Items:
    """The functions, macros and types of a tree's files, as the flavours compile them."""

    def __init__(self, tree: Tree, flavours: Iterable[str]) -> None:
        self._tree = tree
        self._flavours = tuple(flavours)

    def of(self, name: str, file: str) -> list[Item]:
        """What has that name in that file, on each flavour that has it."""
        found = (items_in(self._tree, file, flavour).get(name) for flavour in self._flavours)
        return [item for item in found if item is not None]

    def used(self, roots: Collection[Key], asked: Collection[Key]) -> set[Key]:
        """Those asked for that the roots lead to, through one another."""
        found: set[Key] = set()
        todo = list(roots)
        while todo:
            refs = {r for item in self.of(*todo.pop()) for r in item.refs}
            more = {k for k in asked if k[0] in refs} - found
            found |= more
            todo += more
        return found
