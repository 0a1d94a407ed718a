"""What every name means in a tree, for one flavour: the headers in include order, then the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from oracle.flavours import FURTHER_SOURCES, GENERIC_HEADERS, GENERIC_SOURCES, Flavour
from reviewer.csource import Item, blank_attributes, items_of
from reviewer.model import Tree
from reviewer.slicing.preprocess import Macros, resolve

# When a name is defined more than once in the same place, what ends a search comes first.
_RANK = {"function": 0, "macro": 1, "type": 2, "variable": 3, "prototype": 4}


@dataclass
class Index:
    """Definitions by name. files maps a path to its own names; order is the search order.

    later holds sources that are read only once a function of which there is a prototype has to be found.
    """

    flavour: Flavour
    files: dict[str, dict[str, Item]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    macros: Macros = field(default_factory=Macros)
    later: dict[str, bytes] = field(default_factory=dict)
    parsed: dict[str, dict[str, Item]] = field(default_factory=dict)  # of later, shared by forks

    def fork(self) -> Index:
        """The same names to search on its own: what sources one entry had read must not decide for another."""
        return replace(self, files=dict(self.files), order=list(self.order), later=dict(self.later))

    def find(self, name: str) -> Item | None:
        """The item that defines the name: any definition before any prototype."""
        prototype = None
        for path in self.order:
            item = self.files[path].get(name)
            if item is not None and item.kind != "prototype":
                return item
            prototype = prototype or item
        return (self._in_sources(name) if prototype is not None else None) or prototype

    def _in_sources(self, name: str) -> Item | None:
        """The function in a source that was not read so far. Several entries of one file are sliced at a time."""
        defined = re.compile(rb"^(?:\w[\w \t*]*[ \t*])?%s\(" % name.encode(), re.MULTILINE)
        for path in [p for p, raw in self.later.items() if defined.search(raw)]:
            raw = self.later.pop(path)
            if path not in self.parsed:
                self.parsed[path] = _names(path, raw, self.macros.copy())
            self.files[path] = self.parsed[path]
            self.order.append(path)
            item = self.files[path].get(name)
            if item is not None and item.kind == "function":
                return item
        return None


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
    sources = [*GENERIC_SOURCES, *FURTHER_SOURCES, *flavour.sources]
    own = [h for h in _direct_includes(tree, file) if h not in headers and h not in sources]
    for path in [*headers, *own]:
        if (raw := tree.read(path)) is not None:
            index.files[path] = _names(path, raw, index.macros)
    if file not in index.files and (raw := tree.read(file)) is not None:
        index.files[file] = _names(file, raw, index.macros.copy())
    first = [p for p in dict.fromkeys([file, "mm/internal.h"]) if p in index.files]
    index.order = [*first, *(p for p in index.files if p not in first)]
    index.later = {p: raw for p in sources if p not in index.files and (raw := tree.read(p)) is not None}
    return index


def _names(path: str, raw: bytes, macros: Macros) -> dict[str, Item]:
    names: dict[str, Item] = {}
    for item, defined in items_of(path, blank_attributes(resolve(raw, macros))):
        for name in defined:
            known = names.get(name)
            if known is None or _RANK[item.kind] < _RANK[known.kind]:
                names[name] = item
    return names


def _direct_includes(tree: Tree, file: str) -> list[str]:
    """Quoted includes of the file: its private headers."""
    folder = file.rsplit("/", 1)[0]
    found = re.findall(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', tree.read(file) or b"", re.MULTILINE)
    return [f"{folder}/{name.decode('latin-1')}" for name in found if b".." not in name]
