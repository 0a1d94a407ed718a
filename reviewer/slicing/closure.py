# SPDX-License-Identifier: GPL-2.0-or-later
"""The names an entry needs, found transitively; the world's own names end the search.

Structs are taken from the tree but pruned to the members that the slice names, so that a closure stays
a few hundred lines; a member whose type nothing defines is dropped with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from reviewer.csource.items import DEEPEST, Item
from reviewer.errors import SliceError
from reviewer.slicing.index import Index
from reviewer.slicing.members import Member, members_of

_TAG = re.compile(r"^(struct|union) \w+$")


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


@lru_cache(maxsize=4096)
def _types_of(refs: frozenset[str]) -> frozenset[str]:
    return frozenset(r for r in refs if " " in r or r.endswith("_t"))


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
        todo, seen, provided, find = list(roots), self.seen, self.provided, self.index.find
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if (inner := provided.get(name)) is not None:
                if not inner <= seen:
                    todo += sorted(inner - seen)
                continue
            item = find(name)
            if item is None:
                self.missing.add(name)
            elif name in self.stubbed and item.kind == "function":
                self.stubs[name] = item
            elif item.kind == "type" and _TAG.match(item.name) and _TAG.match(name):
                self.structs[name] = item  # its members are looked at once all names are known
            else:
                (self.stubs if item.kind == "prototype" else self.items)[name] = item
                refs = item.refs if item.kind != "prototype" else _types_of(item.refs)
                todo += sorted(refs - seen)

    def prune(self, named: set[str]) -> None:
        """Replace each struct by its pruned form; members can bring further structs."""
        done: set[str] = set()
        while todo := sorted(self.structs.keys() - done):
            for name in todo:
                done.add(name)
                self._prune_one(name, named)

    def _prune_one(self, name: str, named: set[str]) -> None:
        item = self.structs[name]
        without = {d.split(".")[1] for d in self.dropped if d.startswith(f"{name}.")}
        kept = self._fields(members_of(item.text), named - without)
        text = f"{name} {{\n" + "\n".join(kept) + "\n};"
        self.items[name] = Item(name, "type", item.file, item.line, text)

    def _fields(self, fields: Iterable[Member], named: set[str], level: int = 0) -> list[str]:
        kept = []
        if level > DEEPEST:
            raise SliceError("it is nested too deep to be read here")
        for member in fields:
            if member.inner is not None:
                inside = self._fields(member.inner, named, level + 1)
                if inside:
                    kept.append(f"{member.head} {{ " + " ".join(inside) + f" }}{member.text}")
            elif self._wanted(member, named):
                kept.append(member.text)
        return kept

    def _wanted(self, member: Member, named: set[str]) -> bool:
        """Whether a member stays; what it is made of is looked for then."""
        if named.isdisjoint(member.names):
            return False
        for wanted in (member.called, member.made_of):
            if not self.seen.issuperset(wanted):
                self.reach(wanted)
        return self.missing.isdisjoint(member.made_of)
