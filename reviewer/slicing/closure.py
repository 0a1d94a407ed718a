# SPDX-License-Identifier: GPL-2.0-or-later
"""The names an entry needs, found transitively; the world's own names end the search.

Structs are taken from the tree but pruned to the members that the slice names, so that a closure stays
a few hundred lines; a member whose type nothing defines is dropped with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.csource import DEEPEST, Item, parse
from reviewer.errors import SliceError
from reviewer.slicing.index import Index

_TAG = re.compile(r"^(struct|union) \w+$")
_BASIC = frozenset(("int char short long unsigned signed void float double bool _Bool const volatile").split())


@dataclass(frozen=True)
class Closure:
    """items: what the slice is made of, by name, structs pruned. stubs: functions with a prototype only, and those
    stood_in for. missing: names that nothing defines (members, compiler builtins and macro arguments among them).
    dropped: what is left out."""

    items: dict[str, Item]
    stubs: dict[str, Item]
    missing: frozenset[str]
    stood_in: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()


def close_over(
    index: Index,
    roots: Iterable[str],
    provided: Mapping[str, frozenset[str]],
    members: Collection[str],
    stubbed: Collection[str] = (),
    dropped: Collection[str] = (),
) -> Closure:
    """Everything reachable from the roots. provided: names that the world defines, and what those use;
    members: the struct members that the world's own code uses; stubbed: functions not to enter; dropped: what to
    leave out as if nothing defined it, "struct s.m" for one member."""
    walk = _Walk(index, provided, stubbed, dropped)
    walk.seen |= set(dropped)
    walk.missing |= set(dropped)
    walk.reach(roots)
    named = set(members).union(*(i.members for i in walk.items.values()))
    walk.prune(named)
    return Closure(walk.items, walk.stubs, frozenset(walk.missing), frozenset(stubbed), frozenset(dropped))


def _types_of(item: Item) -> frozenset[str]:
    return frozenset(r for r in item.refs if " " in r or r.endswith("_t"))


class _Walk:
    def __init__(self, index: Index, provided: Mapping[str, frozenset[str]], stubbed: Collection[str],
                 dropped: Collection[str]) -> None:  # fmt: skip
        self.index = index
        self.provided = provided
        self.stubbed = stubbed
        self.dropped = frozenset(dropped)
        self.seen: set[str] = set()
        self.items: dict[str, Item] = {}
        self.stubs: dict[str, Item] = {}
        self.structs: dict[str, Item] = {}
        self.missing: set[str] = set()

    def reach(self, roots: Iterable[str]) -> None:
        todo = list(roots)
        while todo:
            name = todo.pop()
            if name in self.seen:
                continue
            self.seen.add(name)
            if name in self.provided:
                todo += sorted(self.provided[name])
                continue
            item = self.index.find(name)
            if item is None:
                self.missing.add(name)
            elif name in self.stubbed and item.kind == "function":
                self.stubs[name] = item
            elif item.kind == "type" and _TAG.match(item.name) and _TAG.match(name):
                self.structs[name] = item  # its members are looked at once all names are known
            else:
                (self.stubs if item.kind == "prototype" else self.items)[name] = item
                todo += sorted(item.refs) if item.kind != "prototype" else sorted(_types_of(item))

    def prune(self, named: set[str]) -> None:
        """Replace each struct by its pruned form; members can bring further structs."""
        done: set[str] = set()
        while todo := sorted(self.structs.keys() - done):
            for name in todo:
                done.add(name)
                self._prune_one(name, named)

    def _prune_one(self, name: str, named: set[str]) -> None:
        item = self.structs[name]
        node = parse(item.text.encode()).children[0]
        spec = node if node.type.endswith("_specifier") else node.child_by_field_name("type")
        body = spec.child_by_field_name("body") if spec is not None else None
        without = {d.split(".")[1] for d in self.dropped if d.startswith(f"{name}.")}
        kept = self._fields(body, named - without) if body is not None else []
        text = f"{name} {{\n" + "\n".join(kept) + "\n};"
        self.items[name] = Item(name, "type", item.file, item.line, text)

    def _fields(self, body: Node, named: set[str], level: int = 0) -> list[str]:
        kept = []
        if level > DEEPEST:
            raise SliceError("it is nested too deep to be read here")
        for child in body.named_children:
            if child.type != "field_declaration":
                continue
            kind = child.child_by_field_name("type")
            inner = kind.child_by_field_name("body") if kind is not None else None
            if inner is not None and kind is not None and "enum" not in kind.type:
                fields = self._fields(inner, named, level + 1)
                tail = child.text.decode()[kind.end_byte - child.start_byte :] if child.text else ";"
                if fields:
                    kept.append(f"{kind.type.split('_')[0]} {{ " + " ".join(fields) + f" }}{tail}")
            elif (text := self._field(child, named)) is not None:
                kept.append(text)
        return kept

    def _field(self, child: Node, named: set[str]) -> str | None:
        text = (child.text or b"").decode()
        names = [
            n for d in child.children_by_field_name("declarator") for n in re.findall(r"\w+", (d.text or b"").decode())
        ]
        kind = child.child_by_field_name("type")
        if kind is not None and kind.type == "macro_type_specifier":  # DECLARE_BITMAP(name, bits)
            return text if named.intersection(re.findall(r"\w+", text)) else None
        if not named.intersection(names):
            return None
        type_name = re.sub(r"\s+", " ", (kind.text or b"").decode()) if kind is not None else ""
        pointer = all("*" in (d.text or b"").decode() for d in child.children_by_field_name("declarator"))
        if pointer and type_name.startswith(("struct ", "union ")):
            return text
        words = set(type_name.split()) - _BASIC
        if "(*" in text:  # a pointer to a function: its parameters' types
            self.reach(re.findall(r"\b\w+_t\b", text))
        wanted = {type_name} if type_name.startswith(("struct ", "union ", "enum ")) else words
        self.reach(wanted)
        gone = [w for w in wanted if w in self.missing]
        return None if gone else text
