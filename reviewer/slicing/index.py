"""What every name means in a tree, for one flavour: the headers in include order, then the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from oracle.flavours import GENERIC_HEADERS, GENERIC_SOURCES, Flavour
from reviewer.csource import Item, blank_attributes, items_of
from reviewer.model import Tree
from reviewer.slicing.preprocess import Macros, resolve

# When a name is defined more than once in the same place, what ends a search comes first.
_RANK = {"function": 0, "macro": 1, "type": 2, "variable": 3, "prototype": 4}


@dataclass
class Index:
    """Definitions by name. files maps a path to its own names; order is the search order."""

    flavour: Flavour
    files: dict[str, dict[str, Item]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    macros: Macros = field(default_factory=Macros)

    def find(self, name: str) -> Item | None:
        """The item that defines the name: any definition before any prototype."""
        prototype = None
        for path in self.order:
            item = self.files[path].get(name)
            if item is not None and item.kind != "prototype":
                return item
            prototype = prototype or item
        return prototype


def config_of(flavour: Flavour, tree: Tree) -> Macros:
    """The CONFIG_ macros of a flavour on this tree."""
    macros = Macros({f"CONFIG_{name}": "1" for name in flavour.config})
    macros.values.update({f"CONFIG_{name}": value for name, value in flavour.config_values})
    for option, path, text in flavour.probes:
        if text.encode() in (tree.read(path) or b""):
            macros.values[f"CONFIG_{option}"] = "1"
    return macros


def build_index(tree: Tree, flavour: Flavour, file: str, world: Iterable[str]) -> Index:
    """Index the file under test and what lies beneath it. world: macros the world defines."""
    index = Index(flavour, macros=config_of(flavour, tree))
    known = {"__KERNEL__", "__CHECKER__never"} | set(world)
    index.macros.values.update(dict.fromkeys(known, ""))
    headers = [*flavour.headers, *GENERIC_HEADERS]
    sources = [*GENERIC_SOURCES, *flavour.sources]
    own = [h for h in _direct_includes(tree, file) if h not in headers and h not in sources]
    for path in [*headers, *own]:
        _add(index, tree, path)
    for path in dict.fromkeys([file, *sources]):
        if path not in index.files:
            _add(index, tree, path, macros=index.macros.copy())
    first = [p for p in dict.fromkeys([file, "mm/internal.h"]) if p in index.files]
    index.order = [*first, *(p for p in index.files if p not in first)]
    return index


def _add(index: Index, tree: Tree, path: str, macros: Macros | None = None) -> None:
    raw = tree.read(path)
    if raw is None:
        return
    text = blank_attributes(resolve(raw, index.macros if macros is None else macros))
    names: dict[str, Item] = {}
    for item, defined in items_of(path, text):
        for name in defined:
            known = names.get(name)
            if known is None or _RANK[item.kind] < _RANK[known.kind]:
                names[name] = item
    index.files[path] = names


def _direct_includes(tree: Tree, file: str) -> list[str]:
    """Quoted includes of the file: its private headers."""
    folder = file.rsplit("/", 1)[0]
    found = re.findall(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', tree.read(file) or b"", re.MULTILINE)
    return [f"{folder}/{name.decode('latin-1')}" for name in found if b".." not in name]
