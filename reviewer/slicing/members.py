# SPDX-License-Identifier: GPL-2.0-or-later
"""The members of a struct or union as a closure asks about them: parsed once for each text, whoever prunes it how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.csource.items import DEEPEST, parse

_BASIC = frozenset(("int char short long unsigned signed void float double bool _Bool const volatile").split())
_TAGGED = ("struct ", "union ", "enum ")


@dataclass(frozen=True)
class Member:
    """A member. text: its declaration; of a struct or union without a name of its own, what stands behind its body.

    names: those that it is asked for by, one at least. called: types in it that a pointer to a function names.
    made_of: the types that have to be there. head, inner: "struct" or "union", and what stands in its body."""

    text: str
    names: frozenset[str] = frozenset()
    called: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    head: str = ""
    inner: tuple[Member, ...] | None = None


@lru_cache(maxsize=4096)
def members_of(text: str) -> tuple[Member, ...]:
    """The members of the struct or union that a text defines; those that are nested too deep are left out of it."""
    node = parse(text.encode()).children[0]
    spec = node if node.type.endswith("_specifier") else node.child_by_field_name("type")
    body = spec.child_by_field_name("body") if spec is not None else None
    return _in_body(body, 0) if body is not None else ()


def _in_body(body: Node, level: int) -> tuple[Member, ...]:
    if level > DEEPEST:  # the closure refuses it
        return ()
    return tuple(_member(child, level) for child in body.named_children if child.type == "field_declaration")


def _member(child: Node, level: int) -> Member:
    text = (child.text or b"").decode()
    kind = child.child_by_field_name("type")
    inner = kind.child_by_field_name("body") if kind is not None else None
    if inner is not None and kind is not None and "enum" not in kind.type:
        tail = text[kind.end_byte - child.start_byte :] if child.text else ";"
        return Member(tail, head=kind.type.split("_")[0], inner=_in_body(inner, level + 1))
    if kind is not None and kind.type == "macro_type_specifier":  # DECLARE_BITMAP(name, bits)
        return Member(text, frozenset(re.findall(r"\w+", text)))
    declarators = [(d.text or b"").decode() for d in child.children_by_field_name("declarator")]
    names = frozenset(n for d in declarators for n in re.findall(r"\w+", d))
    name = re.sub(r"\s+", " ", (kind.text or b"").decode()) if kind is not None else ""
    if all("*" in d for d in declarators) and name.startswith(_TAGGED[:2]):
        return Member(text, names)
    called = tuple(re.findall(r"\b\w+_t\b", text)) if "(*" in text else ()
    made_of = {name} if name.startswith(_TAGGED) else set(name.split()) - _BASIC
    return Member(text, names, called, tuple(sorted(made_of)))
