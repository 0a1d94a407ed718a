"""Which functions a patch changes: their own text, or a macro, type or helper that differs.

Files are compared as the compiler would see them on each flavour, comments and white space aside, so a patch
that only moves or comments code changes nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.csource import Item
from reviewer.errors import TreeError
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.slicing.index import read_alone
from reviewer.slicing.world import world

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
# Where PTE-batching code lives; anything else in a patch is not ours to judge.
_OURS = re.compile(
    r"^(mm/[^/]+\.[ch]|arch/(x86|arm64|riscv)/(mm|include/asm)/[^/]+\.[ch]|include/(linux|asm-generic)/[^/]+\.h)$"
)
_TOUCHES = re.compile(r"\b(pte_t|ptep?\w*|\w+_ptes?|pte_\w+|contpte_\w+|pvmw|softleaf\w*|swp_entry_t|swp_\w+)\b")


@dataclass(frozen=True)
class Changes:
    """functions: what changed, macros and types included. names: all their names, and those the world has of its
    own whose code in the tree leads to them: the tree's code has to run instead."""

    functions: tuple[ChangedFunction, ...]
    names: frozenset[str]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that functions changed in."""
        return tuple(sorted({f.file for f in self.functions if f.file.endswith(".c")}))


def changes(trees: PatchTrees, flavours: Iterable[str] = DEFAULT) -> Changes:
    """What one patch changes in code the oracle may know, as the flavours are configured.

    Raises TreeError for a file that is not text.
    """
    functions: dict[tuple[str, str], ChangedFunction] = {}
    names: set[str] = set()
    paths = [path for path in trees.paths if _OURS.match(path)]
    for path in paths:
        if any(b"\0" in (tree.read(path) or b"") for tree in (trees.before, trees.after)):
            raise TreeError("this is binary data, not C", place=path, hint="The patch cannot be reviewed.")
    for flavour in flavours:
        both = {path: tuple(items_in(tree, path, flavour) for tree in (trees.before, trees.after)) for path in paths}
        moved = _moved(both.values())
        for path, (before, after) in both.items():
            marks = _line_marks(trees.before.read(path) or b"", trees.after.read(path) or b"")
            mine: set[str] = set()
            for name in sorted(before.keys() | after.keys()):
                old, new = before.get(name), after.get(name)
                kept = new or old
                if kept is None or (old and new and _plain(old) == _plain(new)) or (name, _plain(kept)) in moved:
                    continue
                mine.add(name)
                bears = _TOUCHES.search(kept.text + (old.text if old is not None else "")) is not None
                functions.setdefault((name, path), _changed(old, new, bears, marks))
            names |= mine | _covers(before, mine) | _covers(after, mine)
    return Changes(tuple(functions.values()), frozenset(names))


def _moved(both: Iterable[tuple[dict[str, Item], ...]]) -> frozenset[tuple[str, str]]:
    """(name, text) of what only went from one file to another."""
    gone: set[tuple[str, str]] = set()
    came: set[tuple[str, str]] = set()
    for before, after in both:
        gone |= {(name, _plain(item)) for name, item in before.items() if name not in after}
        came |= {(name, _plain(item)) for name, item in after.items() if name not in before}
    return frozenset(gone & came)


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
    """Functions, macros and types of a file as a flavour compiles it, by name; none when the file is not there."""
    here = read_alone(tree, path, FLAVOURS[flavour], world().macros)
    items = here.items if here is not None else ()
    return {item.name: item for item, _ in items if item.kind in {"function", "macro", "type"}}


def _plain(item: Item) -> str:
    return _SPACE.sub(" ", _COMMENT.sub(" ", item.text)).strip()


@dataclass(frozen=True)
class _Marks:
    added: frozenset[int]  # lines of the file after
    removed: frozenset[int]  # lines of the file before
    gaps: frozenset[int]  # lines after, where lines before were dropped


def _line_marks(before: bytes, after: bytes) -> _Marks:
    old, new = before.split(b"\n"), after.split(b"\n")
    return _from_opcodes(_opcodes(old, new))


def _opcodes(old: list[bytes], new: list[bytes]) -> list[tuple[str, int, int, int, int]]:
    """Opcodes; what is common at both ends is set aside first, or large files take seconds."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = difflib.SequenceMatcher(a=old[head : len(old) - tail], b=new[head : len(new) - tail], autojunk=False)
    return [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in inner.get_opcodes()]


def _from_opcodes(opcodes: list[tuple[str, int, int, int, int]]) -> _Marks:
    added: set[int] = set()
    removed: set[int] = set()
    gaps: set[int] = set()
    for tag, a, b, c, d in opcodes:
        if tag == "equal":
            continue
        added.update(range(c + 1, d + 1))
        removed.update(range(a + 1, b + 1))
        if c == d:
            gaps.add(c + 1)
    return _Marks(frozenset(added), frozenset(removed), frozenset(gaps))


def _changed(old: Item | None, new: Item | None, bears: bool, marks: _Marks) -> ChangedFunction:
    item = new or old
    assert item is not None, "on one side at least"
    removed = _within(old, marks.removed)
    added = _within(new, marks.added)
    lines = added or _within(new, marks.gaps)
    side: Literal["both", "before", "after"] = "both" if old and new else "before" if old else "after"
    return ChangedFunction(item.name, item.file, lines, removed, bool(added), bears, item.kind, side)


def _within(item: Item | None, lines: frozenset[int]) -> tuple[int, ...]:
    return tuple(n for n in range(item.line, item.last_line + 1) if n in lines) if item is not None else ()
