# SPDX-License-Identifier: GPL-2.0-or-later
"""Edits of real functions, told by the API names they touch (edits.toml, harmless.toml), and reviews of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from reviewer.csource.attributes import blank_attributes
from reviewer.csource.items import Item, items_of
from reviewer.model import Message, Patch, PatchTrees, Review, Series, SeriesTrees, Tree
from reviewer.pipeline import Settings, review
from reviewer.trees.overlays import Overlay

Edit = dict[str, Any]
_MESSAGE = Message("", "", (), "", (), (), "", "an edit", "", b"", "")


def edited(tree: Tree, edit: Edit) -> Tree:
    """The tree with the edit made in its function; without one, wherever the pattern stands in the file.

    above: what is put in front of the function."""
    raw = tree.read(edit["file"])
    assert raw is not None
    lines = raw.decode().split("\n")
    first, last = 0, len(lines)
    if "function" in edit:
        item = _function(raw, edit["file"], edit["function"])
        first, last = item.line - 1, item.last_line
    body = "\n".join(lines[first:last])
    if "pattern" in edit:
        found = len(re.findall(edit["pattern"], body))
        assert found == 1 or (found and (edit.get("all") or "function" not in edit)), f"{edit}: {found} matches"
        body = re.sub(edit["pattern"], edit["with"], body)
    lines[first:last] = (edit.get("above", "") + body).split("\n")
    return Overlay(tree, {edit["file"]: "\n".join(lines).encode()})


def touched(before: Tree, after: Tree, path: str) -> tuple[range, range]:
    """The lines that an edit took away, of the file before it, and those it put there, of the file after it."""
    old, new = ((tree.read(path) or b"").split(b"\n") for tree in (before, after))
    first = next(n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    same = next(n for n, (one, other) in enumerate(zip(old[::-1], new[::-1], strict=False)) if one != other)
    same = min(same, len(old) - first, len(new) - first)
    return range(first + 1, len(old) - same + 1), range(first + 1, len(new) - same + 1)


def moved(tree: Tree, name: str, here: str, there: str, declare: str) -> Tree:
    """The tree with a static function moved to the end of another file, and declared in a header."""
    raw, header = (tree.read(here) or b""), (tree.read(declare) or b"").decode()
    item = _function(raw, here, name)
    lines = raw.decode().split("\n")
    text = "\n".join(lines[item.line - 1 : item.last_line]).replace("static ", "", 1)
    at = header.rindex("#endif")
    return Overlay(tree, {
        here: "\n".join(lines[: item.line - 1] + lines[item.last_line :]).encode(),
        there: (tree.read(there) or b"") + f"\n{text}\n".encode(),
        declare: f"{header[:at]}{text[: text.index('{')].strip()};\n{header[at:]}".encode(),
    })  # fmt: skip


def with_statement(edit: Edit, statement: str) -> Edit:
    """An edit that puts a statement at the start of the same function."""
    text = statement.replace("\\", r"\\")
    return {
        "file": edit["file"],
        "function": edit["function"],
        "pattern": r"(?s)\A(.*?\n\{\n)",
        "with": rf"\1\t{text}\n",
    }


def reviewed(tree: Tree, *patches: Sequence[Edit], settings: Settings | None = None) -> Review:
    """The review of a series with these edits in each of its patches."""
    steps: list[tuple[Tree, tuple[str, ...]]] = []
    now = tree
    for edits in patches:
        for edit in edits:
            now = edited(now, edit)
        steps.append((now, tuple(sorted({e["file"] for e in edits}))))
    return of_steps(tree, steps, settings)


def of_steps(tree: Tree, steps: Sequence[tuple[Tree, tuple[str, ...]]], settings: Settings | None = None) -> Review:
    """The review of a series that leads to these trees, each with the files that changed."""
    befores = [tree, *(after for after, _ in steps)]
    made = tuple(
        PatchTrees(Patch(n, "an edit", _MESSAGE), befores[n - 1], after, paths)
        for n, (after, paths) in enumerate(steps, 1)
    )
    series = Series("an edit", 1, len(made), tuple(step.patch for step in made))
    return review(series, SeriesTrees("linux", "HEAD", "HEAD", made), settings or Settings(budget=1.5))


def _function(raw: bytes, file: str, name: str) -> Item:
    # Conditionals are left as they are: the first definition of the name is the one meant.
    bare = blank_attributes(re.sub(rb"(?m)^#[ \t]*(if|el|endif).*$", lambda m: b" " * len(m.group(0)), raw))
    return next(i for i, _ in items_of(file, bare) if i.kind == "function" and i.name == name)
