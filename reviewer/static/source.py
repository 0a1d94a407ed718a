# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as the static rules see it: what its names are declared as, and what they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from tree_sitter import Node

_LIMITS = ("", "min", "min_t", "min3", "max", "max_t", "clamp")
_DETECTS = re.compile(r"_batch(_flags|_hint)?$")


def text(node: Node | None) -> str:
    """The source of a node with white space as single blanks."""
    return " ".join(node.text.decode().split()) if node is not None and node.text else ""


def field(node: Node, name: str) -> Node | None:
    """The child in that field."""
    return node.child_by_field_name(name)


def inside(node: Node, *kinds: str) -> Iterator[Node]:
    """The node and what lies in it, in the order of the source; of these kinds, or all."""
    stack = [node]
    while stack:
        here = stack.pop()
        if not kinds or here.type in kinds:
            yield here
        stack.extend(reversed(here.children))


def above(node: Node) -> Iterator[Node]:
    """Parents, nearest first."""
    here = node.parent
    while here is not None:
        yield here
        here = here.parent


def called(node: Node) -> str:
    """The name a call expression calls; "" for other nodes."""
    function = field(node, "function") if node.type == "call_expression" else None
    return text(function) if function is not None and function.type == "identifier" else ""


def names_in(node: Node) -> set[str]:
    """Identifiers in a node."""
    return {text(n) for n in inside(node, "identifier")}


def step(node: Node) -> tuple[str, str] | None:
    """(variable, amount) of "x++", "++x" or "x += n"; None for anything else."""
    if node.type == "update_expression" and "++" in text(node):
        return text(field(node, "argument")), "1"
    if node.type == "assignment_expression" and text(field(node, "operator")) == "+=":
        return text(field(node, "left")), text(field(node, "right"))
    return None


class Source:
    """One function definition."""

    def __init__(self, root: Node) -> None:
        self.root = root

    @cached_property
    def types(self) -> dict[str, str]:
        """Parameter or local -> its type as written, with "*" for each pointer: "pte_t *"."""
        found: dict[str, str] = {}
        for node in inside(self.root, "parameter_declaration", "declaration"):
            base = text(field(node, "type"))
            for declarator in node.children_by_field_name("declarator"):
                here: Node | None = declarator
                stars = ""
                while here is not None and here.type != "identifier":
                    stars += "*" if here.type in ("pointer_declarator", "array_declarator") else ""
                    here = field(here, "declarator")
                if here is not None:
                    found[text(here)] = f"{base} {stars}".strip()
        return found

    @cached_property
    def values(self) -> dict[str, list[Node]]:
        """Variable -> everything it is set to; steps such as += do not count."""
        found: dict[str, list[Node]] = {}
        for node in inside(self.root, "init_declarator", "assignment_expression"):
            if text(field(node, "operator")) not in ("", "="):
                continue
            left = field(node, "declarator" if node.type == "init_declarator" else "left")
            right = field(node, "value" if node.type == "init_declarator" else "right")
            while left is not None and left.type == "pointer_declarator":
                left = field(left, "declarator")
            if left is not None and right is not None:
                found.setdefault(text(left), []).append(right)
        return found

    @cached_property
    def batches(self) -> frozenset[str]:
        """Variables that hold the length of a detected batch, or something made from one."""
        found: set[str] = set()
        while True:
            more = {
                name
                for name, values in self.values.items()
                for value in values
                if any(_DETECTS.search(called(c)) for c in inside(value, "call_expression"))
                or (names_in(value) & found and called(value) in _LIMITS)
            } - found
            if not more:
                return frozenset(found)
            found |= more

    def is_pte_pointer(self, name: str) -> bool:
        """Whether the name points into a page table."""
        return self.types.get(name) == "pte_t *"

    def sets(self, node: Node, name: str) -> bool:
        """Whether a node may change the variable: it assigns, steps or takes the address of it."""
        for n in inside(node, "assignment_expression", "update_expression", "init_declarator", "pointer_expression"):
            target = field(n, "left") or field(n, "declarator") or field(n, "argument")
            pointed = n.type == "pointer_expression" and text(field(n, "operator")) != "&"
            if not pointed and text(target).lstrip("* ") == name:
                return True
        return False
