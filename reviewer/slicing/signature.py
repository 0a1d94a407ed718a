# SPDX-License-Identifier: GPL-2.0-or-later
"""The parameters of a function and the members of a struct, as (type, name), read with tree-sitter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.csource.items import DEEPEST, Item, first_of, parse
from reviewer.errors import SliceError


@dataclass(frozen=True)
class Parameter:
    """A parameter or member. type: without const, pointers as in "pte_t *"; an array counts as a pointer."""

    type: str
    name: str
    array: bool = False


def signature(item: Item) -> tuple[str, tuple[Parameter, ...]]:
    """(return type, parameters) of a function. Raises SliceError when they cannot be read."""
    known = _of_text(item.signature)
    if known is None:
        raise SliceError(f"cannot read the signature of {item.name}", place=f"{item.file}:{item.line}")
    return known


@lru_cache(maxsize=4096)
def _of_text(text: str) -> tuple[str, tuple[Parameter, ...]] | None:
    root = parse((text + ";").encode())
    found = first_of(root, "function_declarator")
    name = found.child_by_field_name("declarator") if found is not None else None
    if found is None or name is None:
        return None
    head = (root.text or b"")[: name.start_byte].decode()
    listed = found.child_by_field_name("parameters")
    nodes = listed.named_children if listed is not None else []
    read = [_declared(n) for n in nodes if n.type == "parameter_declaration"]
    return _plain(head), tuple(p for p in read if p.type != "void")


def members(item: Item) -> tuple[Parameter, ...]:
    """The members of a struct, those of structs without a name inside it among them."""
    body = first_of(parse(item.text.encode()), "field_declaration_list")
    return tuple(_members(body)) if body is not None else ()


def _members(body: Node, level: int = 0) -> list[Parameter]:
    found = []
    if level > DEEPEST:
        raise SliceError("it is nested too deep to be read here")
    for field in body.named_children:
        inner = first_of(field, "field_declaration_list")
        if field.type != "field_declaration":
            continue
        if field.child_by_field_name("declarator") is not None:
            found.append(_declared(field))
        elif inner is not None:
            found += _members(inner, level + 1)
    return found


def _declared(node: Node) -> Parameter:
    text = (node.text or b"").decode()
    declarator = node.child_by_field_name("declarator")
    at = len(text) if declarator is None else declarator.start_byte - node.start_byte
    name = re.search(r"\w+", text[at:])
    stars = text[at:].count("*") + text[at:].count("[")
    kind = _plain(text[:at] + " " + "*" * stars)
    return Parameter(kind, name.group(0) if name is not None else "", "[" in text[at:])


def _plain(text: str) -> str:
    words = re.sub(r"\b(?:const|static|inline|extern|volatile)\b", " ", text).replace("*", " * ")
    return re.sub(r"\* (?=\*)", "*", " ".join(words.split()))
