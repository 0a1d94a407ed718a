# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a change of a macro, a type or a variable reaches: the functions of the tree that use what changed of it.

Through other macros, too. Those count that touch entries, or that name a function which does: a review has run such a
change only where it has run them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from oracle.flavours import FLAVOURS
from reviewer.changes.touching import compiling, ours, touches
from reviewer.csource.items import Item, code_only
from reviewer.csource.tokens import bare
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.world import world

Key = tuple[str, str]
_MEMBER = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?::\s*\w+\s*)?(?=[;,=]|$)")


def spread(trees: PatchTrees, function: ChangedFunction, flavours: Iterable[str]) -> frozenset[Key]:
    """(name, file) of the functions that use what changed of a macro, type or variable; none for a function."""
    if function.kind == "function" or function.side == "before":
        return frozenset()
    words = _words(trees, function)
    found: set[Key] = set()
    for flavour in flavours:
        found |= _users(trees.after, words, function.file, flavour)
    return frozenset(found)


def _words(trees: PatchTrees, function: ChangedFunction) -> set[str]:
    """The names by which it is used: its own, or of a type those of the members and enumerators that changed."""
    if function.kind != "type":
        return {function.name}
    text = bare(trees.before.read(function.file) or b"").decode("utf-8", "replace").split("\n")
    # What is new is used by what changed alone.
    return {m for n in function.removed_lines if n <= len(text) for m in _MEMBER.findall(text[n - 1].strip())}


def _users(tree: Tree, words: set[str], file: str, flavour: str) -> set[Key]:
    found: set[Key] = set()
    todo, seen = set(words), set[str]()
    while todo:
        pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(todo)))})\b")
        paths = [file] if file.endswith(".c") else [p for p in tree.holding(sorted(todo)) if ours(p)]
        seen |= todo
        todo = set()
        for path in paths:
            items = _items(tree, path, flavour)
            walkers = {i.name for i in items if i.kind == "function" and touches(i.text)}
            for item in (i for i in items if pattern.search(code_only(i.text))):
                if item.kind == "macro":
                    todo |= {item.name} - seen
                elif item.kind == "function" and (item.name in walkers or not walkers.isdisjoint(item.refs)):
                    found.add((item.name, path))
    return found


def _items(tree: Tree, path: str, flavour: str) -> list[Item]:
    if flavour not in compiling(path):
        return []
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    return [item for item, _ in here.items] if here is not None else []
