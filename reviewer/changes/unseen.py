# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch changes where no flavour sees it: under an #if, in what no item holds, in what does not parse any more.

Such lines are never compiled here, so they are named with the reason, if the code has to do with page-table entries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from oracle.flavours import FLAVOURS
from reviewer.changes.hidden import hidden_branches, hidden_items
from reviewer.changes.marks import Marks, within
from reviewer.changes.touching import idle, touches, vocabulary
from reviewer.csource.attributes import blank_attributes
from reviewer.csource.items import Item
from reviewer.csource.tokens import plain
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.world import world

_WORD = re.compile(r"[A-Za-z_]\w*")
_HEAD = re.compile(r"^[A-Z]\w*\(\s*(\w+)|^[\w \t*]*?\b(\w+)\s*\(", re.MULTILINE)
_UNREAD = "it cannot be read after the patch"
_SPACE = re.compile(r"\s+")
_NOTHING = re.compile(rb"\s*(?:#\s*(?!define\b)\w.*)?")
# What a trace event prints changes no entry.
_EVENT = re.compile(rb"^(?:TRACE|DEFINE|DECLARE)_(?:EVENT|TRACE)\w*\s*\(", re.MULTILINE)


@dataclass(frozen=True)
class File:
    """One file of one patch. flavours: those that compile it, one at least."""

    trees: PatchTrees
    path: str
    flavours: list[str]
    marks: Marks

    def sides(self) -> tuple[tuple[Tree, frozenset[int]], tuple[Tree, frozenset[int]]]:
        """(tree, changed lines) before and after."""
        return (self.trees.before, self.marks.removed), (self.trees.after, self.marks.added)

    def speaks(self, text: str) -> bool:
        """Whether a text has to do with entries."""
        return touches(text) or not vocabulary(self.trees.after, self.flavours[0]).isdisjoint(_WORD.findall(text))

    def raw(self, tree: Tree) -> bytes:
        """The file in one of the trees."""
        return tree.read(self.path) or b""


def unseen(file: File) -> list[ChangedFunction]:
    """All of it, each with the reason in hidden."""
    found = [*_hidden(file), *_unparsed(file), *_outside(file)]
    if (why := unreadable(file)) and not found:
        lines = tuple(sorted(file.marks.added or file.marks.gaps))
        found.append(ChangedFunction(f"line {lines[0]}" if lines else file.path, file.path, lines, hidden=why))
    return [replace(one, compiled=False) for one in found if one.bears]


def unreadable(file: File) -> str:
    """Why no compiler takes the file after the patch, as far as directives and brackets tell; "" when nothing does."""
    old, new = (_directives(tree, file) for tree in (file.trees.before, file.trees.after))
    known = Counter(fault for _, fault in old)
    for line, fault in new:
        if not known[fault]:
            return f"{fault} ({file.path}:{line})"
        known[fault] -= 1
    return next((f.hidden for f in _unparsed(file) if f.hidden.startswith(_UNREAD)), "")


def _directives(tree: Tree, file: File) -> list[tuple[int, str]]:
    here = [read_beneath(tree, file.path, FLAVOURS[f], world().macros) for f in file.flavours]
    return sorted({fault for one in here if one is not None for fault in one.faults})


def _hidden(file: File) -> list[ChangedFunction]:
    """What lies under a condition that no flavour meets."""
    old, new = (
        {h.item.name: h for h in hidden_items(tree, file.path, file.flavours, lambda _: True, _code(file, tree, lines))}
        for tree, lines in file.sides()
    )
    found = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        kept = now or was
        if kept is None or (was and now and _plain(was.item) == _plain(now.item)):
            continue
        removed = within(was.item, file.marks.removed & was.lines) if was else ()
        added = within(now.item, file.marks.added & now.lines) if now else ()
        works = any(file.speaks(h.item.text) and not idle(h.item) for h in (was, now) if h is not None)
        works = works or (kept.item.kind != "function" and _served(name, file))
        if added or removed:
            lines = added or removed
            kind = kept.item.kind
            found.append(ChangedFunction(name, file.path, lines, removed, bool(added), works, kept.why, kind=kind))
    return found


def _served(name: str, file: File) -> bool:
    """Whether code of the file that has to do with entries uses a macro, type or variable."""
    items = [i for tree in (file.trees.after, file.trees.before) for i in _functions(tree, file).values()]
    return any(name in i.refs and file.speaks(i.text) for i in items)


def _unparsed(file: File) -> list[ChangedFunction]:
    """Functions that stand in the text after the patch, but cannot be read there any more."""
    found = []
    before, after = (_functions(tree, file) for tree, _ in file.sides())
    text = file.raw(file.trees.after)
    for name in sorted(before.keys() - after.keys()):
        defined = re.search(
            rb"^(?:\w[\w \t*]*[ \t*\n])?%s\([^;{}]*\)\s*\{" % re.escape(name.encode()), plain(text), re.M
        )
        if defined is None:
            continue
        line = text.count(b"\n", 0, defined.end()) + 1
        hidden = [
            w
            for b, w in hidden_branches(file.trees.after, file.path, file.flavours).items()
            if b.first <= line <= b.last
        ]
        why = (
            hidden[0] if hidden else f"{_UNREAD} ({file.path}:{min(file.marks.added | file.marks.gaps, default=line)})"
        )
        lines = within(before[name], file.marks.removed)
        bears = file.speaks(before[name].text)
        found.append(ChangedFunction(name, file.path, lines, lines, False, bears, why))
    return found


def _functions(tree: Tree, file: File) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for flavour in file.flavours:
        here = read_beneath(tree, file.path, FLAVOURS[flavour], world().macros)
        found |= {i.name: i for i, _ in here.items if i.kind == "function"} if here is not None else {}
    return found


def _outside(file: File) -> list[ChangedFunction]:
    """Changed lines that no item holds."""
    found: dict[str, ChangedFunction] = {}
    for (tree, lines), is_after in zip(file.sides(), (False, True), strict=True):
        text = _bare(file.raw(tree)).split(b"\n")
        left = {n for n in _code(file, tree, lines) if not text[n - 1].lstrip().startswith(b"#")}
        left -= _events(plain(file.raw(tree)))
        held = _held(tree, file, left) if left else frozenset[int]()
        for region in _regions(left - held, len(text), held):
            words = b"\n".join(plain(file.raw(tree)).split(b"\n")[n - 1] for n in region).decode("utf-8", "replace")
            if file.speaks(words):
                one = _loose(file, tree, words, tuple(sorted((left - held) & set(region))), is_after)
                found[one.name] = one
    return list(found.values())


def _events(text: bytes) -> frozenset[int]:
    """The lines of trace events."""
    found: set[int] = set()
    for match in _EVENT.finditer(text):
        at, depth = match.end(), 1
        while at < len(text) and depth:
            depth += {ord("("): 1, ord(")"): -1}.get(text[at], 0)
            at += 1
        first = text.count(b"\n", 0, match.start()) + 1
        found.update(range(first, first + text.count(b"\n", match.start(), at) + 1))
    return frozenset(found)


def _loose(file: File, tree: Tree, words: str, lines: tuple[int, ...], is_after: bool) -> ChangedFunction:
    head = _HEAD.search(words)
    name = next(filter(None, head.groups()), "") if head is not None else ""
    branches = hidden_branches(tree, file.path, file.flavours)
    why = next((w for b, w in branches.items() if b.first <= lines[0] <= b.last), "")
    why = why or f"line {lines[0]} is in nothing that is understood"
    removed = () if is_after else lines
    return ChangedFunction(name or f"line {lines[0]}", file.path, lines, removed, is_after, True, why)


def _held(tree: Tree, file: File, lines: set[int]) -> frozenset[int]:
    """The lines of items; of those that no flavour compiles only what may hold one of these."""
    held: set[int] = set()
    for flavour in file.flavours:
        here = read_beneath(tree, file.path, FLAVOURS[flavour], world().macros)
        for item in [i for i, _ in here.items] if here is not None else []:
            held.update(range(item.line, item.last_line + 1))
    left = frozenset(lines - held)
    for unread in hidden_items(tree, file.path, file.flavours, lambda _: True, left) if left else ():
        held |= unread.lines
    return frozenset(held)


def _regions(lines: Iterable[int], last: int, held: frozenset[int]) -> list[range]:
    """What lies between items around these lines."""
    found: list[range] = []
    for n in sorted(lines):
        if not found or n not in found[-1]:
            first, end = n, n + 1
            while first > 1 and first - 1 not in held:
                first -= 1
            while end <= last and end not in held:
                end += 1
            found.append(range(first, end))
    return found


def _code(file: File, tree: Tree, lines: frozenset[int]) -> frozenset[int]:
    """Those of the lines with code, or a macro's definition, on them."""
    text = _bare(file.raw(tree)).split(b"\n")
    return frozenset(n for n in lines if text[n - 1 : n] and not _NOTHING.fullmatch(text[n - 1]))


@lru_cache(maxsize=8)
def _bare(raw: bytes) -> bytes:
    """The file without comments, attributes and line macros; its lines stay."""
    return blank_attributes(plain(raw))


def _plain(item: Item) -> str:
    return _SPACE.sub(" ", item.text).strip()
