# SPDX-License-Identifier: GPL-2.0-or-later
"""What every name means in a tree, for one flavour: the headers in include order, then the sources."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from oracle.flavours import FURTHER_SOURCES, GENERIC_HEADERS, GENERIC_SOURCES, NOTE_HEADERS, Flavour
from reviewer.csource import Item
from reviewer.model import Tree
from reviewer.slicing.declared import trace_headers, tracepoints
from reviewer.slicing.preprocess import Macros
from reviewer.slicing.reading import Known, Read, known, read
from reviewer.tokens import plain

_DEFINED = rb"^(?:\w[\w \t*]*[ \t*])?%s\("
_DETECTS = re.compile(r"^(?:extern )?(?:unsigned )?(?:int|long)\b[^(]*\(.*(?:struct folio \*|\bpte_t )\w", re.DOTALL)
_ALWAYS = ("__KERNEL__",)


@dataclass
class Index:
    """Definitions by name. files maps a path to its own names; order is the search order.

    known: the macros that all headers define. later holds sources that are read only once a function of which
    there is a prototype has to be found.
    """

    flavour: Flavour
    known: Known
    files: dict[str, Mapping[str, Item]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    later: dict[str, bytes] = field(default_factory=dict)

    def adopt(self, tree: Tree, paths: Iterable[str], names: Collection[str]) -> None:
        """Take what a patch changes from further files as well: these functions of sources, with what they need there,
        and headers that the file under test or another of these files includes."""
        text = b"".join(plain(tree.read(path) or b"") for path in {*self.order[:1], *paths})
        for path in paths:
            if path in self.files and path in _private(tree, self.flavour, self.order[0]):
                self.order.remove(path)  # what it defines anew is meant from there on
                self.order.insert(1, path)
            if path.startswith("arch/") and not path.startswith(f"arch/{self.flavour.arch}/"):
                continue
            if path in self.files or path in self.later or (raw := tree.read(path)) is None:
                continue
            found = read(path, raw, self.known).names
            if path.endswith(".h"):
                if b"<%s>" % path.rpartition("include/")[2].encode() in text:
                    self.files[path] = found
                    self.order.insert(1, path)
                continue
            todo = [n for n in names if n in found and found[n].kind == "function"]
            taken: dict[str, Item] = {}
            while todo:
                name = todo.pop()
                taken[name] = found[name]
                todo += [r for r in found[name].refs if r in found and r not in taken]
            if taken:
                self.files[path] = taken
                self.order.append(path)

    @property
    def macros(self) -> Macros:
        """The macros that are defined once all headers are read."""
        return self.known.macros

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

    def prototypes(self, name: str) -> list[Item]:
        """What other files declare of a function."""
        found = (self.files[path].get(name) for path in self.order)
        return [item for item in found if item is not None and item.kind == "prototype"]

    def _in_sources(self, name: str) -> Item | None:
        """The function in a source that was not read so far."""
        call = name.encode() + b"("
        defined = re.compile(_DEFINED % name.encode(), re.MULTILINE)
        for path in [p for p, raw in self.later.items() if call in raw and defined.search(raw)]:
            self.files[path] = read(path, self.later.pop(path), self.known).names
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
    index = Index(flavour, _start(tree, flavour, {*_ALWAYS, *world}))
    sources = _sources(flavour)
    for path in _beneath(tree, flavour, file):
        if (raw := tree.read(path)) is not None:
            here = read(path, raw, index.known)
            index.files[path], index.known = here.names, here.known
    if file not in index.files and (raw := tree.read(file)) is not None:
        index.files[file] = read(file, raw, index.known).names
    for path in _traced(tree, [file, *sources]):
        if path not in index.files and (raw := tree.read(path)) is not None:
            index.files[path] = {item.name: item for item in tracepoints(path, raw)}
    first = [p for p in dict.fromkeys([file, "mm/internal.h"]) if p in index.files]
    index.order = [*first, *(p for p in index.files if p not in first)]
    # What a private header declares, the source of that name has.
    beside = [f"{path[:-2]}.c" for path in _direct_includes(tree, file)]
    index.later = {p: raw for p in [*sources, *beside] if p not in index.files and (raw := tree.read(p)) is not None}
    index.later |= _homes_of_detection(tree, index)
    return index


def _homes_of_detection(tree: Tree, index: Index) -> dict[str, bytes]:
    """Further sources that define what looks like batch detection, where none that is read here does."""
    declared = {
        i.name for names in index.files.values() for i in names.values()
        if i.kind == "prototype" and "pte_t *" in i.signature and _DETECTS.search(i.signature)
    }  # fmt: skip
    found: dict[str, bytes] = {}
    for name in sorted(declared):
        defined = re.compile(_DEFINED % name.encode(), re.MULTILINE)
        if any(name in n and n[name].kind == "function" for n in index.files.values()):
            continue
        if any(defined.search(raw) for raw in index.later.values()):
            continue
        sources = ((p, tree.read(p) or b"") for p in tree.list("mm") if p.endswith(".c") and p not in index.files)
        found |= {p: raw for p, raw in sources if defined.search(raw)}
    return found


def read_beneath(
    tree: Tree, path: str, flavour: Flavour, world: Iterable[str], shown: tuple[tuple[int, int], ...] = ()
) -> Read | None:
    """A file as build_index() reads it, after the headers; None when it is not there. shown: as for read()."""
    raw = tree.read(path)
    return read(path, raw, _known_at(tree, path, flavour, world), shown) if raw is not None else None


def _known_at(tree: Tree, path: str, flavour: Flavour, world: Iterable[str]) -> Known:
    """What is known where a file starts."""
    before, here = _headers(tree, flavour, frozenset(world))
    if path in before:
        return before[path]
    for header in _private(tree, flavour, path):
        if (raw := tree.read(header)) is not None:
            here = read(header, raw, here).known
    return here


@lru_cache(maxsize=16)
def _headers(tree: Tree, flavour: Flavour, world: frozenset[str]) -> tuple[Mapping[str, Known], Known]:
    """(what is known where each header of a flavour starts, what after all of them)."""
    here = _start(tree, flavour, {*_ALWAYS, *world})
    before: dict[str, Known] = {}
    for header in _shared(flavour):
        before.setdefault(header, here)
        if (raw := tree.read(header)) is not None:
            here = read(header, raw, here).known
    return before, here


def _sources(flavour: Flavour) -> list[str]:
    return [*GENERIC_SOURCES, *FURTHER_SOURCES, *flavour.sources]


def _beneath(tree: Tree, flavour: Flavour, file: str) -> list[str]:
    """What is read before a file: the headers of the flavour, and its private ones."""
    return [*_shared(flavour), *_private(tree, flavour, file)]


def _shared(flavour: Flavour) -> list[str]:
    return [*flavour.headers, *GENERIC_HEADERS, *NOTE_HEADERS]


def _private(tree: Tree, flavour: Flavour, file: str) -> list[str]:
    others = {*_shared(flavour), *_sources(flavour)}
    return [h for h in _direct_includes(tree, file) if h not in others]


def _start(tree: Tree, flavour: Flavour, names: Iterable[str]) -> Known:
    return known({**config_of(flavour, tree).values, **dict.fromkeys(names, "")})


def _traced(tree: Tree, sources: list[str]) -> list[str]:
    """The headers of tracepoints that these sources include."""
    return list(dict.fromkeys(h for path in sources for h in trace_headers(plain(tree.read(path) or b""))))


def _direct_includes(tree: Tree, file: str) -> list[str]:
    """Quoted includes of the file: its private headers."""
    folder = file.rsplit("/", 1)[0]
    found = re.findall(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', plain(tree.read(file) or b""), re.MULTILINE)
    return [f"{folder}/{name.decode('latin-1')}" for name in found if b".." not in name]
