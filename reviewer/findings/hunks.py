# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch changes as groups of lines, each with the function it is in; and the patched tree without some of them.

A hunk is what git would show as one, within one function. Lines that only compile with others are taken back with them:
what is new, with all that names it; what names something that the patch drops, with that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reviewer.changes.marks import opcodes
from reviewer.csource.tokens import plain
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.trees.kernel import is_c
from reviewer.trees.overlays import Overlay

_CONTEXT = 6  # unchanged lines between two hunks, at least: three below one and three above the other
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Group:
    """Lines that changed in a row: those removed, of the file before, and those added, of the file after."""

    file: str
    removed: range
    added: range


@dataclass(frozen=True)
class Part:
    """What is taken back as one. groups: lines of one function (macro, type, variable), which is in whichever of the
    files; needs: groups elsewhere without which it would not compile."""

    function: ChangedFunction
    groups: tuple[Group, ...]
    needs: frozenset[Group] = frozenset()

    @property
    def whole(self) -> frozenset[Group]:
        return self.needs.union(self.groups)

    @property
    def added(self) -> frozenset[int]:
        """The lines of the function after the patch."""
        return frozenset(n for g in self.groups if g.file == self.function.file for n in g.added)

    @property
    def removed(self) -> frozenset[int]:
        """The lines of the function before the patch."""
        return frozenset(
            n for g in self.groups if g.file == (self.function.was or self.function.file) for n in g.removed
        )

    @property
    def gap(self) -> int:
        """The line after the patch before which its lines were dropped."""
        return next((g.added.start for g in self.groups if g.file == self.function.file), 0)


class Hunks:
    """The difference of the two trees of a patch, as far as it lies in these functions, comments and blanks aside.

    complete: whether that is all of it."""

    def __init__(self, step: PatchTrees, functions: Iterable[ChangedFunction]) -> None:
        self.step = step
        self._functions = tuple(functions)
        self._owners: dict[Group, tuple[ChangedFunction, ...]] = {}
        self._words: dict[Group, tuple[frozenset[str], frozenset[str]]] = {}
        paths = {p for f in self._functions for p in (f.file, f.was) if p}
        self.complete = paths >= {p for p in step.paths if is_c(p)}
        for path in sorted(paths):
            for group, gone, new in _groups(step, path):
                owners = tuple(f for f in self._functions if _has(f, group))
                self.complete = self.complete and bool(owners)
                if owners:
                    self._owners[group] = owners
                    self._words[group] = (frozenset(gone), frozenset(new))

    @property
    def groups(self) -> frozenset[Group]:
        return frozenset(self._owners)

    def hunks(self) -> list[Part]:
        """Each hunk, in the order of the functions and then of the lines."""
        found: list[Part] = []
        for function in self._functions:
            mine = [g for g in self._owners if self._owner(g) is function]
            if function.was:  # it went to another file: there is no half of that
                found += [self._part(function, mine)] if mine else []
                continue
            start = 0
            for at, (one, after) in enumerate(pairwise(mine), 1):
                if after.added.start - one.added.stop >= _CONTEXT or after.file != one.file:
                    found.append(self._part(function, mine[start:at]))
                    start = at
            found += [self._part(function, mine[start:])] if mine else []
        return [p for p in found if p.function.side != "before"]

    def lines(self, hunk: Part) -> list[Part]:
        """Each group of a hunk for itself."""
        return [self._part(hunk.function, [g]) for g in hunk.groups] if not hunk.function.was else [hunk]

    def without(self, groups: Collection[Group]) -> Tree:
        """The tree after the patch with these groups taken back."""
        files: dict[str, bytes | None] = {}
        for path in sorted({g.file for g in groups}):
            old, new = _lines(self.step, path)
            for group in sorted((g for g in groups if g.file == path), key=lambda g: g.added.start, reverse=True):
                new[group.added.start - 1 : group.added.stop - 1] = old[
                    group.removed.start - 1 : group.removed.stop - 1
                ]
            files[path] = b"\n".join(new)
        return Overlay(self.step.after, files)

    def _owner(self, group: Group) -> ChangedFunction:
        """The function that a group counts as a part of: one that is there on both sides before one that is new."""
        return min(self._owners[group], key=lambda f: ("both", "after", "before").index(f.side))

    def _part(self, function: ChangedFunction, groups: Sequence[Group]) -> Part:
        todo, found = list(groups), set(groups)
        while todo:
            one = todo.pop()
            more = [g for g in self._owners if g not in found and self._needs(one, g)]
            found.update(more)
            todo += more
        return Part(function, tuple(groups), frozenset(found.difference(groups)))

    def _needs(self, one: Group, other: Group) -> bool:
        """Whether to take back one alone leaves a name of the other without a definition."""
        new = {f.name for f in self._owners[one] if f.side == "after"}
        dropped = {f.name for f in self._owners[other] if f.side == "before"}
        return not new.isdisjoint(self._words[other][1]) or not dropped.isdisjoint(self._words[one][0])


def _groups(step: PatchTrees, path: str) -> list[tuple[Group, list[str], list[str]]]:
    """The groups of a file with the words that go and come."""
    found = []
    code = [[line.decode("utf-8", "replace") for line in _bare(tree.read(path) or b"")] for tree in _sides(step)]
    for tag, a, b, c, d in opcodes(*_lines(step, path)):
        gone, new = (_TOKEN.findall("\n".join(lines)) for lines in (code[0][a:b], code[1][c:d]))
        if tag != "equal" and gone != new:
            found.append((Group(path, range(a + 1, b + 1), range(c + 1, d + 1)), gone, new))
    return found


def _sides(step: PatchTrees) -> tuple[Tree, Tree]:
    return step.before, step.after


def _lines(step: PatchTrees, path: str) -> tuple[list[bytes], list[bytes]]:
    old, new = ((tree.read(path) or b"").split(b"\n") for tree in _sides(step))
    return old, new


def _bare(raw: bytes) -> list[bytes]:
    """The lines without comments."""
    return plain(raw).split(b"\n")


def _has(function: ChangedFunction, group: Group) -> bool:
    here = function.added and group.file == function.file and not set(function.changed_lines).isdisjoint(group.added)
    was = group.file == (function.was or function.file) and not set(function.removed_lines).isdisjoint(group.removed)
    return here or was
