# SPDX-License-Identifier: GPL-2.0-or-later
"""A function of a tree as text that can be edited: its syntax, and its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tree_sitter import Node

from reviewer.csource.items import Item, locals_of, parse
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.trees.overlays import Overlay


@dataclass(frozen=True)
class Edit:
    """One change of a function: bytes [start, end) of its text become new. note: what was done, for people."""

    operator: str
    start: int
    end: int
    new: str
    note: str


_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_NO_NEWLINE = re.compile(rb"[^\n]")
_CHECKS = re.compile(r"^(VM_)?(WARN|BUG)_ON\w*$")


@dataclass(frozen=True)
class Body:
    """A function: its item (conditionals resolved, offsets those of the file) and where its text starts in the file."""

    item: Item
    at: int

    @cached_property
    def root(self) -> Node:
        """Its syntax tree; offsets are those of its text."""
        return parse(self.item.text.encode())

    @cached_property
    def locals(self) -> frozenset[str]:
        """Parameters, local variables and labels."""
        return frozenset(locals_of(self.item.text))

    def nodes(self, *kinds: str) -> Iterator[Node]:
        """Nodes of these types in the order of the text, of parts that parsed only."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node.type in kinds:
                yield node
            stack.extend(reversed(node.children))

    def asserted(self, edit: Edit) -> bool:
        """Whether an edit lies in what a debug check asks, which changes nothing that code does."""
        checks = [n for n in self.nodes("call_expression") if _CHECKS.match(called(n))]
        return any(n.start_byte <= edit.start and edit.end <= n.end_byte for n in checks)


def text(node: Node | None) -> str:
    """The text of a node, nothing for none."""
    return (node.text or b"").decode() if node is not None else ""


def called(node: Node) -> str:
    """The name of the function that a call expression, or a statement that is one, calls; else nothing."""
    if node.type == "expression_statement" and node.named_children:
        node = node.named_children[0]
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    return text(function) if function is not None and function.type == "identifier" else ""


def arguments(call: Node) -> list[Node]:
    """The arguments of a call expression."""
    listed = call.child_by_field_name("arguments")
    return [n for n in listed.named_children if n.type != "comment"] if listed is not None else []


def body_of(tree: Tree, item: Item) -> Body:
    """The function's text in its file, with comments and what conditionals leave out as blanks of the same length.
    Raises SliceError when the file does not hold it as it was parsed."""
    raw = tree.read(item.file) or b""
    at = sum(len(line) + 1 for line in raw.split(b"\n")[: item.line - 1])
    kept = item.text.encode().split(b"\n")
    marked = _COMMENT.sub(_marked, raw[at:]).split(b"\n")[: len(kept)]
    text = b"\n".join(map(_spread, marked, kept)).rstrip(b"\0")
    if len(marked) < len(kept) or not all(b in (a, 0x20) for a, b in zip(raw[at:], text, strict=False)):
        raise SliceError("the text is not where the parser saw it", place=f"{item.file}:{item.line}")
    return Body(replace(item, text=text.decode()), at)


def _marked(match: re.Match[bytes]) -> bytes:
    """A comment as zeros but for its first byte: that is the blank which the parser saw."""
    found = match.group(0)
    return found[:1] + _NO_NEWLINE.sub(b"\0", found[1:]) if found.startswith(b"/") else found


def _spread(marked: bytes, kept: bytes) -> bytes:
    """What is kept of a line as long as the line is; zeros for what is missing."""
    if not kept.strip(b" \t\\"):
        return b" " * len(marked)
    code = iter(kept)
    return bytes(next(code, 0) if byte else 0x20 for byte in marked) + bytes(code)


def edited(tree: Tree, body: Body, edits: list[Edit]) -> Overlay:
    """The tree with the function changed; edits may not overlap."""
    raw = tree.read(body.item.file) or b""
    for edit in sorted(edits, key=lambda e: -e.start):
        raw = raw[: body.at + edit.start] + edit.new.encode() + raw[body.at + edit.end :]
    return Overlay(tree, {body.item.file: raw})
