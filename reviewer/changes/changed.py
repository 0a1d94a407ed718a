# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions a patch changes: their own text, or a macro, type or helper that differs.

Files are compared as the compiler would see them on each flavour, comments and white space aside, so a patch
that only moves or comments code changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from oracle.flavours import DEFAULT, FLAVOURS, meant_for
from reviewer.changes.hidden import foreign
from reviewer.changes.marks import Marks, line_marks, within
from reviewer.changes.touching import compiling, concerned, ours, users
from reviewer.changes.unmodelled import attributed, configured, handed_on
from reviewer.changes.unseen import File, unreadable, unseen
from reviewer.csource.attributes import blanked
from reviewer.csource.items import Item
from reviewer.errors import TreeError
from reviewer.limits import FILE_LINES, FILE_SIZE
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.world import world

_SPACE = re.compile(r"\s+")
_MODELLED = re.compile(r"(?:mm|arch/\w+/mm|arch/\w+/include/asm)/")
Key = tuple[str, str]


@dataclass(frozen=True)
class Changes:
    """functions: what changed, macros and types included. names: all their names, and those the world has of its
    own (covers) whose code in the tree leads to them: the tree's code has to run instead. also: the flavours beside
    the usual ones that what changed is for, or that alone see it change."""

    functions: tuple[ChangedFunction, ...]
    names: frozenset[str]
    covers: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The files that functions changed in, or went from."""
        return tuple(sorted({path for f in self.functions for path in (f.file, f.was) if path}))


def changes(trees: PatchTrees, flavours: Sequence[str] = DEFAULT) -> Changes:
    """What one patch changes in code the oracle may know, as the flavours are configured.

    Raises TreeError for a file that is not text.
    """
    functions: dict[Key, ChangedFunction] = {}
    names: set[str] = set()
    covers: set[str] = set()
    also: set[str] = set()
    looked_at = [path for path in trees.paths if _ours(trees, path)]
    large = {path: why for path in looked_at if (why := _too_large(trees, path))}
    files = {path: _file(trees, path, flavours) for path in looked_at if path not in large}
    for flavour in flavours:
        both = {
            path: tuple(items_in(tree, path, flavour) for tree in (trees.before, trees.after))
            for path, file in files.items()
            if FLAVOURS[flavour].arch in {FLAVOURS[f].arch for f in file.flavours}
        }
        moved = _moved(both.values())
        for path, sides in both.items():
            mine = _differing(sides, moved)
            leading = set[str]().union(*(_covers(side, mine) for side in sides))
            # What the world has of its own stands for code of mm/ and of architectures.
            modelled = mine if (leading or mine & world().refs.keys()) and _MODELLED.match(path) else set[str]()
            bearing = _bearing(files[path], mine, flavour) | modelled
            for name in sorted(mine):
                old, new = (side.get(name) for side in sides)
                one = _changed(old, new, name in bearing, files[path].marks, "" if compiling(path) else foreign(path))
                also.update(meant_for(path, [item.text for item in (old, new) if item is not None]))
                if flavour not in DEFAULT and (name, path) not in functions:
                    also.add(flavour)
                known = functions.setdefault((name, path), one)
                functions[name, path] = replace(known, bears=known.bears or one.bears)
            names |= mine
            covers |= leading
    for file in files.values():
        _add_unmodelled(functions, file, flavours)
    for file in files.values():
        functions = _with_unseen(functions, file)
    found = [*_rejoined(functions.values()), *(_unread(trees, path, why) for path, why in large.items())]
    more = tuple(name for name in FLAVOURS if name in also)
    return Changes(tuple(found), frozenset(names | covers), frozenset(covers - names), more)


def _too_large(trees: PatchTrees, path: str) -> str:
    """Why a file is not looked at; empty when it is."""
    before, after = (tree.read(path) or b"" for tree in (trees.before, trees.after))
    grown = {FILE_SIZE: len(after) - len(before), FILE_LINES: after.count(b"\n") - before.count(b"\n")}
    over = next((limit for limit, by in grown.items() if by > limit.most), None)
    return f"{over.name}: {over.told(grown[over])}, and no more than {over.told(over.most)} are read" if over else ""


def _unread(trees: PatchTrees, path: str, why: str) -> ChangedFunction:
    """All of a file that is not looked at: whether it has to do with entries is taken for granted where it may."""
    bears = bool(_MODELLED.match(path) or path.startswith("include/") or b"pte" in (trees.after.read(path) or b""))
    return ChangedFunction("all of it", path, (), bears=bears, hidden=why, compiled=False, kind="file")


def _add_unmodelled(functions: dict[Key, ChangedFunction], file: File, flavours: Iterable[str]) -> None:
    """Say of a file's functions what of their change means nothing here."""
    handed = handed_on(file.trees.after, file.path)
    asked = configured(file.trees, file.path, file.flavours, sorted(file.marks.added))
    for name, told in {**handed, **asked, **attributed(file.trees, file.path, flavours)}.items():
        key = (name, file.path)
        if key not in functions and name in handed:
            continue
        known = functions.get(key, ChangedFunction(name, file.path, tuple(sorted(file.marks.added)), bears=False))
        bears = known.bears or blanked(name) or name in concerned(file.trees.after, file.path, file.flavours[0])
        functions[key] = replace(known, hidden=known.hidden or told, bears=bears)


def _with_unseen(functions: dict[Key, ChangedFunction], file: File) -> dict[Key, ChangedFunction]:
    """The functions, with what of a file no flavour compiles or no compiler takes."""
    found = dict(functions)
    why = unreadable(file)
    for key, known in functions.items() if why else ():
        if known.file == file.path:
            found[key] = replace(known, hidden=why, compiled=False)
    for more in unseen(file):
        known = found.get((more.name, more.file), more)
        # What a patch hides or makes unreadable is not gone.
        found[more.name, more.file] = replace(known, bears=True, hidden=more.hidden, side="both")
    if why and any(f.changed_lines for f in found.values() if f.file == file.path):
        # Those that the parser only lost say nothing more.
        found = {k: f for k, f in found.items() if f.file != file.path or f.changed_lines}
    return found


def _ours(trees: PatchTrees, path: str) -> bool:
    """Whether a file can have to do with entries: a source that never speaks of one cannot."""
    sides = [tree.read(path) or b"" for tree in (trees.before, trees.after)]
    speaks = path.endswith(".h") or any(b"pte" in side or b"pgprot" in side for side in sides)
    if not ours(path) or not (speaks or _MODELLED.match(path)):
        return False
    if any(b"\0" in side for side in sides):
        raise TreeError("this is binary data, not C", place=path, hint="The patch cannot be reviewed.")
    return True


def _file(trees: PatchTrees, path: str, flavours: Iterable[str]) -> File:
    marks = line_marks(trees.before.read(path) or b"", trees.after.read(path) or b"")
    return File(trees, path, compiling(path, flavours) or [DEFAULT[0]], marks)


def _differing(sides: Sequence[dict[str, Item]], moved: frozenset[tuple[str, str]]) -> set[str]:
    """The items that are not the same before and after."""
    before, after = sides
    found = set()
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        kept = new or old
        same = old is not None and new is not None and (old.text == new.text or _plain(old) == _plain(new))
        if kept and not same and (name, _plain(kept)) not in moved:
            found.add(name)
    return found


def _bearing(file: File, changed: set[str], flavour: str) -> frozenset[str]:
    """Those of the changed items that have to do with entries, on either side or, of a header, to who uses it."""
    if not changed:
        return frozenset()
    found = frozenset[str]().union(*(concerned(t, file.path, flavour) for t in (file.trees.before, file.trees.after)))
    return found | users(file.trees.after, frozenset(changed - found), flavour) if file.path.endswith(".h") else found


def _moved(both: Iterable[tuple[dict[str, Item], ...]]) -> frozenset[tuple[str, str]]:
    """(name, text) of macros, types and variables that only went from one file to another."""
    gone: set[tuple[str, str]] = set()
    came: set[tuple[str, str]] = set()
    for before, after in both:
        gone |= {(n, _plain(i)) for n, i in before.items() if n not in after and i.kind != "function"}
        came |= {(n, _plain(i)) for n, i in after.items() if n not in before and i.kind != "function"}
    return frozenset(gone & came)


def _rejoined(functions: Iterable[ChangedFunction]) -> tuple[ChangedFunction, ...]:
    """The functions, one that went from one file to another as one that was in another file before."""
    found = list(functions)
    for came in [f for f in found if f.side == "after" and f.kind == "function"]:
        gone = [f for f in found if f.name == came.name and f.side == "before" and f.kind == "function"]
        if len(gone) == 1:
            found.remove(gone[0])
            found[found.index(came)] = replace(came, side="both", removed_lines=gone[0].removed_lines, was=gone[0].file)
    return tuple(found)


def _covers(items: dict[str, Item], changed: set[str]) -> set[str]:
    """Names of the world that this file defines as well, on a way to something changed."""
    found = set()
    for name in items.keys() & world().refs.keys() - changed:
        todo, seen = [name], {name}
        while todo:
            refs = items[todo.pop()].refs & items.keys() - seen
            seen |= refs
            todo += refs - world().refs.keys()
        if seen & changed:
            found.add(name)
    return found


def items_in(tree: Tree, path: str, flavour: str) -> dict[str, Item]:
    """What a file defines as a flavour compiles it, by name; none when the file is not there."""
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    return {item.name: item for item, _ in (here.items if here is not None else ()) if item.kind != "prototype"}


def _plain(item: Item) -> str:
    return _SPACE.sub(" ", item.text).strip()


def _changed(old: Item | None, new: Item | None, bears: bool, marks: Marks, hidden: str) -> ChangedFunction:
    item = new or old
    assert item is not None, "on one side at least"
    removed, added = within(old, marks.removed), within(new, marks.added)
    side: Literal["both", "before", "after"] = "both" if old and new else "before" if old else "after"
    return ChangedFunction(
        item.name, item.file, added or within(new, marks.gaps), removed, bool(added), bears, hidden, kind=item.kind,
        side=side,
    )  # fmt: skip
