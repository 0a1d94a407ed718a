"""A function of a tree as text that can be edited: its syntax, and its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from reviewer.csource import Item, locals_of, parse
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.trees import Overlay


@dataclass(frozen=True)
class Edit:
    """One change of a function: bytes [start, end) of its text become new. note: what was done, for people."""

    operator: str
    start: int
    end: int
    new: str
    note: str


_CHECKS = re.compile(r"^(VM_)?(WARN|BUG)_ON\w*$")


@dataclass(frozen=True)
class Body:
    """A function: its item (conditionals resolved, offsets kept) and where its text starts in the file."""

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
    """The function's text in its file. Raises SliceError when the file does not hold it as it was parsed."""
    raw = tree.read(item.file) or b""
    lines = [m.end() for m in re.finditer(rb"\n", raw)]
    at = ([0, *lines])[item.line - 1]
    if not _same(raw[at : at + len(item.text.encode())], item.text.encode()):
        raise SliceError("the text is not where the parser saw it", place=f"{item.file}:{item.line}")
    return Body(item, at)


def _same(raw: bytes, blanked: bytes) -> bool:
    """Whether one is the other but for what was blanked."""
    return len(raw) == len(blanked) and all(b in (a, 0x20) for a, b in zip(raw, blanked, strict=True))


def edited(tree: Tree, body: Body, edits: list[Edit]) -> Overlay:
    """The tree with the function changed; edits may not overlap."""
    raw = tree.read(body.item.file) or b""
    for edit in sorted(edits, key=lambda e: -e.start):
        raw = raw[: body.at + edit.start] + edit.new.encode() + raw[body.at + edit.end :]
    return Overlay(tree, {body.item.file: raw})
