# SPDX-License-Identifier: GPL-2.0-or-later
"""The series that the benchmark reviews, made out of a tree by edits told by API names (inputs.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from reviewer.model import Tree
from reviewer.trees.overlays import Overlay
from tests.kernel.editing import Edit, edited

FILE = Path(__file__).with_name("inputs.toml")
STATES = ("empty", "new", "unchanged")
_DEFAULT = ("new", "unchanged")
_MAIL = """From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Ada Demo <ada@example.org>
Date: Mon, 2 Jun 2025 10:{minute:02}:00 +0000
Subject: [PATCH {index}/{total}] mm: benchmark, part {index} of {name}
Message-ID: <{name}-{index}@bench.example.org>

{what}.

Signed-off-by: Ada Demo <ada@example.org>
---
{diff}--
2.51.0

"""


class UnfitError(Exception):
    """An input that cannot be made of a tree."""


@dataclass(frozen=True)
class Input:
    """patches: one after the other, each its edits. states: of the cache, in which it is reviewed."""

    name: str
    what: str
    patches: tuple[tuple[Edit, ...], ...]
    states: tuple[str, ...] = _DEFAULT

    def part(self, name: str, *sizes: int) -> Input:
        """A series of patches with so many edits each, of the edits that this one has."""
        edits = [edit for patch in self.patches for edit in patch]
        assert sum(sizes) <= len(edits)
        patches = tuple(tuple(edits[sum(sizes[:n]) : sum(sizes[: n + 1])]) for n in range(len(sizes)))
        return Input(name, self.what, patches, ("new",))


def inputs(file: Path = FILE) -> tuple[list[Input], list[Input]]:
    """(the inputs, of several with one name the first that fits; those of which the first that fits comes before)."""
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    found: list[Input] = []
    for one in told["input"]:
        before = next((i.patches for i in found if i.name == one.get("after")), ())
        states = tuple(one.get("states", _DEFAULT))
        found.append(Input(one["name"], one["what"], (*before, *_patches(one)), states))
    primers = [Input("primer", "what was reviewed before", _patches(one), ("new",)) for one in told["primer"]]
    return found, primers


def _patches(one: dict[str, Any]) -> tuple[tuple[Edit, ...], ...]:
    return tuple(tuple(patch) for patch in one["patches"])


def mbox(tree: Tree, one: Input) -> bytes:
    """The series as mails. UnfitError where the tree has not what an edit looks for."""
    mails, now = [], tree
    for index, edits in enumerate(one.patches, 1):
        before, changed = now, set[str]()
        for edit in edits:
            now, paths = _made(now, edit)
            changed |= paths
        diff = "".join(_diff(before, now, path) for path in sorted(changed))
        head = {"name": one.name, "what": one.what, "index": index, "total": len(one.patches), "minute": index}
        mails.append(_MAIL.format(**head, diff=diff))
    return "".join(mails).encode("utf-8", "surrogateescape")


def _made(tree: Tree, edit: Edit) -> tuple[Tree, set[str]]:
    """(the tree with an edit made, the files that differ)."""
    if "rename" in edit:
        return _renamed(tree, edit["rename"], edit["to"])
    try:
        after = edited(tree, edit)
    except (AssertionError, StopIteration, UnicodeDecodeError) as error:
        raise UnfitError(f"{edit['function']} of {edit['file']} is not there, or another one") from error
    if after.read(edit["file"]) == tree.read(edit["file"]):
        raise UnfitError(f"{edit['function']} of {edit['file']} stays as it is")
    return after, {edit["file"]}


def _renamed(tree: Tree, name: str, other: str) -> tuple[Tree, set[str]]:
    paths = [path for path in tree.holding([name]) if path.endswith((".c", ".h"))]
    if not paths:
        raise UnfitError(f"nothing is called {name}")
    word = re.compile(rb"\b%b\b" % name.encode())
    return Overlay(tree, {path: word.sub(other.encode(), tree.read(path) or b"") for path in paths}), set(paths)


def _diff(before: Tree, after: Tree, path: str) -> str:
    old, new = (_lines(tree.read(path)) for tree in (before, after))
    body = "".join(unified_diff(old, new, f"a/{path}", f"b/{path}"))
    return f"diff --git a/{path} b/{path}\n{body}" if body else ""


def _lines(content: bytes | None) -> Sequence[str]:
    """At line feeds alone: a form feed ends no line of a diff."""
    return re.findall(r"[^\n]*\n|[^\n]+$", (content or b"").decode("utf-8", "surrogateescape"))
