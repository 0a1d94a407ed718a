# SPDX-License-Identifier: GPL-2.0-or-later
"""Series of one patch that edits a file of the embedded tree."""

from __future__ import annotations

import difflib

from reviewer.model import Message, Patch, PatchTrees, Series, SeriesTrees, Tree
from reviewer.resources import folder
from reviewer.trees.overlays import Overlay, open_tree


def edited(*edits: tuple[str, str, str], base: Tree | None = None, version: int = 1) -> tuple[Series, SeriesTrees]:
    """A series with one patch for each edit: (path, what stands there, what to put instead)."""
    with open_tree(folder("corpus") / "tree") as kernel:
        before: Tree = base or kernel.at(kernel.head)
    steps, patches = [], []
    for index, (path, old, new) in enumerate(edits, 1):
        text = (before.read(path) or b"").decode()
        assert text.count(old) == 1, (path, old)
        changed = text.replace(old, new)
        patch = Patch(index, f"mm: edit {index}", _mail(index, len(edits), version, path, text, changed))
        after = Overlay(before, {path: changed.encode()})
        steps.append(PatchTrees(patch, before, after, (path,)))
        patches.append(patch)
        before = after
    series = Series("mm: edit", version, len(edits), tuple(patches))
    return series, SeriesTrees("linux 7.0.0-corpus", "corpus", "files as they are", tuple(steps))


def _mail(index: int, total: int, version: int, path: str, old: str, new: str) -> Message:
    diff = "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}"))
    return Message(
        message_id=f"v{version}-{index}@example.org", in_reply_to="", references=(), author="Ann <ann@example.org>",
        to=(), cc=(), date="Tue, 3 Feb 2026 10:00:00 +0100", body="",
        subject=f"[PATCH v{version} {index}/{total}] mm: edit {index}",
        diff=f"diff --git a/{path} b/{path}\n{diff}".encode(), source="here",
    )  # fmt: skip
