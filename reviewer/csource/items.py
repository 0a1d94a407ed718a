# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel C as text, split into top-level items.

Raw kernel files leave tree-sitter with dozens of ERROR nodes. Passes that keep every line number cure that: phases
1 to 3 (tokens.py), an unifdef of our own, blanking of attribute and line macros (attributes.py), then the parse.
Errors inside bodies do not matter: names are taken by a lexer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from reviewer.csource.tokens import LITERAL

C_LANGUAGE = Language(tree_sitter_c.language())

_WORD = re.compile(r"[A-Za-z_]\w*")
_NOISE = re.compile(r"(?:\.|->)\s*[A-Za-z_]\w*|\b0[xX][0-9a-fA-F]+\w*")
_TAG = re.compile(r"\b(struct|union|enum)\s+([A-Za-z_]\w*)")
_MEMBER = re.compile(r"(?:\.|->)\s*([A-Za-z_]\w*)")
_OFFSET = re.compile(r"\b(?:container_of|offsetof)\s*\([^;]*?(\w+)\s*\)")
_LINKED = re.compile(r"\blist_\w*entry\w*\s*\((?:[^()]|\([^()]*\))*,\s*(\w+)\s*\)")
DEEPEST = 100  # levels of a tree; functions of the kernel have 40
KEYWORDS = frozenset(
    (
        "auto break case char const continue default do double else enum extern float for goto if inline int long "
        "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile "
        "while _Bool __typeof__ typeof __inline__ __inline __volatile__ asm defined __attribute__ "
        "__builtin_constant_p"
    ).split()
)


def code_only(text: str) -> str:
    """The text of an item, in which there are no comments, without literals."""
    return LITERAL.sub(" ", text)


@dataclass(frozen=True)
class Item:
    """One top-level thing of a C file.

    kind: function, macro, type (struct/union/enum/typedef), variable or prototype.
    line counts from 1; text is the blanked source, ready to compile.
    """

    name: str
    kind: str
    file: str
    line: int
    text: str

    @cached_property
    def refs(self) -> frozenset[str]:
        """Identifiers the item uses from outside itself: not members, locals, parameters or labels."""
        return _refs(self.kind, self.text, self.name)

    @cached_property
    def members(self) -> frozenset[str]:
        """Names used as struct members (after . or ->, designated initialisers included)."""
        text = code_only(self.text)
        return frozenset([*_MEMBER.findall(text), *_OFFSET.findall(text), *_LINKED.findall(text)])

    @property
    def last_line(self) -> int:
        return self.line + self.text.count("\n")

    @cached_property
    def signature(self) -> str:
        """A function's text up to its body."""
        return self.text[: self.text.index("{")].strip() if "{" in self.text else self.text.rstrip("; \n")


@lru_cache(maxsize=65536)
def _refs(kind: str, text: str, name: str) -> frozenset[str]:
    text = _NOISE.sub(" ", code_only(text))
    tags = {f"{kind} {tag}" for kind, tag in _TAG.findall(text)}
    words = set(_WORD.findall(_TAG.sub(" ", text))) if kind != "type" else _type_words(text)
    if kind == "macro":
        head = re.match(r"\s*#\s*define\s+\w+(\(([^)]*)\))?", text)
        params = _WORD.findall(head.group(2) or "") if head else []
        words -= {*params, "define", "VA_ARGS", "__VA_ARGS__"}
    elif kind == "function":
        words -= locals_of(text)
    return frozenset((words | tags) - KEYWORDS - {name})


@cache
def _query(name: str) -> Query:
    return Query(C_LANGUAGE, Path(__file__).with_name(f"{name}.scm").read_text(encoding="utf-8"))


def captures(query: str, node: Node) -> dict[str, list[Node]]:
    """Run <query>.scm over a node."""
    return QueryCursor(_query(query)).captures(node)


def parse(text: bytes) -> Node:
    """The root node of a C text."""
    return Parser(C_LANGUAGE).parse(text).root_node


def deep(node: Node) -> bool:
    """Whether a tree is too deep for what follows it by calls."""
    cursor = node.walk()
    while cursor.depth <= DEEPEST:
        if not cursor.goto_first_child():
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return False
    return True


def first_of(node: Node, kind: str) -> Node | None:
    """The first node of this type in a tree, itself included."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type == kind:
            return here
        stack.extend(reversed(here.named_children))
    return None


def _type_words(text: str) -> set[str]:
    """What a type needs: type names and array sizes, not its members' names."""
    body = re.sub(r"\b[A-Za-z_]\w*\s*(?=[;,:\[]|\)\s*\()", " ", text) if "enum" not in text[:24] else text
    return set(_WORD.findall(_TAG.sub(" ", body)))


def locals_of(function: str) -> set[str]:
    """Names that a function declares itself: parameters, locals, labels."""
    found = captures("locals", parse(function.encode()))
    return {n.text.decode() for n in found.get("name", []) if n.text}


def _declared_names(node: Node) -> Iterator[str]:
    """Names a declaration or typedef introduces, through pointers, arrays and function declarators."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type in {"identifier", "type_identifier"} and here.text:
            yield here.text.decode()
        elif here.type in {"declaration", "type_definition"}:
            stack.extend(here.children_by_field_name("declarator"))
        elif (inner := here.child_by_field_name("declarator")) is not None:
            stack.append(inner)
        elif here.type == "parenthesized_declarator":
            stack.extend(here.named_children)


def _enum_names(node: Node) -> Iterator[str]:
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        if child.type == "enumerator" and (name := child.child_by_field_name("name")) is not None and name.text:
            yield name.text.decode()


def _is_prototype(node: Node) -> bool:
    stack = list(node.children_by_field_name("declarator"))
    while stack:
        here = stack.pop()
        if here.type == "function_declarator":
            return True
        if here.type == "pointer_declarator":
            stack.extend(here.named_children)
    return False


def _names(node: Node) -> tuple[str, list[str]]:
    """(kind, names) of a top-level node; no names when it is of no interest."""
    kind, names = "", list[str]()
    match node.type:
        case "function_definition":
            kind, names = "function", list(_declared_names(node))[:1]
        case "preproc_def" | "preproc_function_def":
            name = node.child_by_field_name("name")
            kind, names = "macro", [name.text.decode()] if name is not None and name.text else []
        case "type_definition":
            kind, names = "type", list(_declared_names(node))
            if (inner := node.child_by_field_name("type")) is not None:
                names += _names(inner)[1]
        case "struct_specifier" | "union_specifier" | "enum_specifier":
            tag = node.child_by_field_name("name")
            if node.child_by_field_name("body") is not None:
                word = node.type.split("_", 1)[0]
                kind = "type"
                names = [f"{word} {tag.text.decode()}"] if tag is not None and tag.text else []
                names += _enum_names(node) if word == "enum" else []
        case "declaration":
            inner = node.child_by_field_name("type")
            kind, names = ("prototype" if _is_prototype(node) else "variable"), list(_declared_names(node))
            if inner is not None and inner.child_by_field_name("body") is not None:
                names += _names(inner)[1]
    return kind, names


_SPLICED_END = re.compile(r"(?:\s|\\(?=\s*\Z))*\Z")


def items_of(path: str, text: bytes) -> list[tuple[Item, tuple[str, ...]]]:
    """The top-level items of a file already preprocessed, each with every name it defines."""
    found = []
    for node in _top_level(parse(text)):
        kind, names = _names(node)
        if names and node.text is not None:
            body = node.text.decode("utf-8", "replace")
            if kind == "macro":  # a comment that ends on its next line leaves a splice behind it
                body = _SPLICED_END.sub("", body)
            found.append((Item(names[0], kind, path, node.start_point[0] + 1, body), tuple(names)))
    return found


def _top_level(root: Node) -> Iterable[Node]:
    """Children of the unit; items that an ERROR node swallowed are given back."""
    for child in root.children:
        if child.type == "ERROR":
            # Members of a struct that did not parse look like declarations: leave those.
            yield from (c for c in child.children if c.type != "declaration")
        else:
            yield child
