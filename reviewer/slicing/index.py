# SPDX-License-Identifier: GPL-2.0-or-later
"""What every name means in a tree, for one flavour: the headers in include order, then the sources."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from oracle.flavours import FURTHER_SOURCES, GENERIC_HEADERS, GENERIC_SOURCES, NOTE_HEADERS, Flavour
from reviewer.csource.items import Item
from reviewer.csource.preprocess import Macros
from reviewer.csource.tokens import plain
from reviewer.model import Tree
from reviewer.slicing.declared import quoted_headers, trace_headers, tracepoints
from reviewer.slicing.kept import read
from reviewer.slicing.reading import Read
from reviewer.slicing.search import Names, defines, homes, merged

_DETECTS = re.compile(r"^(?:extern )?(?:unsigned )?(?:int|long)\b[^(]*\(.*(?:struct folio \*|\bpte_t )\w", re.DOTALL)
_ALWAYS = ("__KERNEL__",)


@dataclass
class Index:
    """Definitions by name. files maps a path to its own names; order is the search order.

    macros: those that are defined once all headers are read. later holds sources that are read only once a function of
    which there is a prototype has to be found.
    """

    flavour: Flavour
    macros: Macros
    files: dict[str, Names] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    later: dict[str, bytes] = field(default_factory=dict)
    _search: list[Names] = field(default_factory=list)  # what order comes to: many files as one, then single ones

    def adopt(self, tree: Tree, paths: Iterable[str], names: Collection[str]) -> None:
        """Take what a patch changes from further files as well: these functions of sources, with what they need there,
        and headers that the file under test or another of these files includes."""
        text = b"".join(plain(tree.read(path) or b"") for path in {*self.order[:1], *paths})
        for path in paths:
            if path in self.files and path in _private(tree, self.flavour, self.order[0]):
                self.order.remove(path)  # what it defines anew is meant from there on
                self.order.insert(1, path)
                self._search.clear()
            if path.startswith("arch/") and not path.startswith(f"arch/{self.flavour.arch}/"):
                continue
            if path in self.files or path in self.later or (raw := tree.read(path)) is None:
                continue
            here = read(path, raw, self.macros)
            if path.endswith(".h"):
                if b"<%s>" % path.rpartition("include/")[2].encode() in text:
                    self.files[path] = here.search
                    self.order.insert(1, path)
                    self._search.clear()
                continue
            found = here.names
            todo = [n for n in names if n in found and found[n].kind == "function"]
            taken: dict[str, Item] = {}
            while todo:
                name = todo.pop()
                taken[name] = found[name]
                todo += [r for r in found[name].refs if r in found and r not in taken]
            if taken:
                self._append(path, Names.of(taken))

    def fork(self) -> Index:
        """The same names to search on its own: what sources one entry had read must not decide for another."""
        return replace(
            self, files=dict(self.files), order=list(self.order), later=dict(self.later), _search=list(self._names())
        )

    def find(self, name: str) -> Item | None:
        """The item that defines the name: any definition before any prototype."""
        prototype = None
        for names in self._names():
            if (item := names.defined.get(name)) is not None:
                return item
            prototype = prototype or names.declared.get(name)
        return (self._in_sources(name) if prototype is not None else None) or prototype

    def prototypes(self, name: str) -> list[Item]:
        """What other files declare of a function."""
        found = (self.files[path].declared.get(name) for path in self.order)
        return [item for item in found if item is not None]

    def _names(self) -> list[Names]:
        if not self._search:
            self._search.append(merged([self.files[path] for path in self.order]))
        return self._search

    def _append(self, path: str, names: Names) -> None:
        self._names().append(names)
        self.files[path] = names
        self.order.append(path)

    def _in_sources(self, name: str) -> Item | None:
        """The function in a source that was not read so far."""
        for path in homes(self.later, name):
            found = read(path, self.later.pop(path), self.macros).search
            self._append(path, found)
            item = found.defined.get(name)
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
    shared = _headers(tree, flavour, frozenset(world))
    index = Index(flavour, shared.macros.copy(), {path: here.search for path, here in shared.files.items()})
    index.files |= {path: here.search for path, here in _read_private(tree, flavour, file, index.macros)}
    sources = _sources(flavour)
    if file not in index.files and (raw := tree.read(file)) is not None:
        index.files[file] = read(file, raw, index.macros).search
    for path in _traced(tree, [file, *sources]):
        if path not in index.files and (raw := tree.read(path)) is not None:
            index.files[path] = Names.of({item.name: item for item in tracepoints(path, raw)})
    first = [p for p in dict.fromkeys([file, "mm/internal.h"]) if p in index.files]
    index.order = [*first, *(p for p in index.files if p not in first)]
    # What a private header declares, the source of that name has.
    beside = [f"{path[:-2]}.c" for path in _direct_includes(tree, file)]
    index.later = {p: raw for p in [*sources, *beside] if p not in index.files and (raw := tree.read(p)) is not None}
    index.later |= _homes_of_detection(tree, index)
    return index


def _homes_of_detection(tree: Tree, index: Index) -> dict[str, bytes]:
    """Further sources that define what looks like batch detection, where none that is read here does."""
    declared = frozenset[str]().union(*(_detecting(names) for names in index.files.values()))
    found: dict[str, bytes] = {}
    for name in sorted(declared):
        if any((item := n.defined.get(name)) is not None and item.kind == "function" for n in index.files.values()):
            continue
        if any(defines(raw, name) for raw in index.later.values()):
            continue
        sources = ((p, tree.read(p) or b"") for p in tree.list("mm") if p.endswith(".c") and p not in index.files)
        found |= {p: raw for p, raw in sources if defines(raw, name)}
    return found


@lru_cache(maxsize=512)
def _detecting(names: Names) -> frozenset[str]:
    """What looks like batch detection of what a file only declares."""
    return frozenset(
        i.name for i in names.declared.values() if "pte_t *" in i.signature and _DETECTS.search(i.signature)
    )


def read_beneath(
    tree: Tree, path: str, flavour: Flavour, world: Iterable[str], shown: tuple[tuple[int, int], ...] = ()
) -> Read | None:
    """A file as build_index() reads it, after the headers; None when it is not there. shown: as for read()."""
    if not shown and (here := _headers(tree, flavour, frozenset(world)).files.get(path)) is not None:
        return here
    raw = tree.read(path)
    return read(path, raw, _known_at(tree, path, flavour, frozenset(world)), shown) if raw is not None else None


@lru_cache(maxsize=16)
def _known_at(tree: Tree, path: str, flavour: Flavour, world: frozenset[str]) -> Macros:
    """The macros that are known where a file starts."""
    shared = _headers(tree, flavour, world)
    here = shared.macros.copy()
    if path in _shared(flavour):
        here = shared.start.copy()
        for header in _shared(flavour)[: _shared(flavour).index(path)]:
            if header in shared.files:
                shared.files[header].take(here)
    else:
        for _ in _read_private(tree, flavour, path, here):
            pass
    return here


@dataclass(frozen=True)
class _Shared:
    """The headers of a flavour. macros: those that are known before them, and after."""

    start: Macros
    files: Mapping[str, Read]
    macros: Macros


@lru_cache(maxsize=16)
def _headers(tree: Tree, flavour: Flavour, world: frozenset[str]) -> _Shared:
    start = _start(tree, flavour, {*_ALWAYS, *world})
    here = start.copy()
    return _Shared(start, dict(_read_all(tree, _shared(flavour), here)), here)


def _read_private(tree: Tree, flavour: Flavour, file: str, macros: Macros) -> Iterator[tuple[str, Read]]:
    """The private headers of a file; macros gains what they define."""
    return _read_all(tree, _private(tree, flavour, file), macros)


def _read_all(tree: Tree, paths: Iterable[str], macros: Macros) -> Iterator[tuple[str, Read]]:
    for path in paths:
        if (raw := tree.read(path)) is not None:
            here = read(path, raw, macros)
            here.take(macros)
            yield path, here


def _sources(flavour: Flavour) -> list[str]:
    return [*GENERIC_SOURCES, *FURTHER_SOURCES, *flavour.sources]


def _shared(flavour: Flavour) -> list[str]:
    return [*flavour.headers, *GENERIC_HEADERS, *NOTE_HEADERS]


def _private(tree: Tree, flavour: Flavour, file: str) -> list[str]:
    others = {*_shared(flavour), *_sources(flavour)}
    return [h for h in _direct_includes(tree, file) if h not in others]


def _start(tree: Tree, flavour: Flavour, names: Iterable[str]) -> Macros:
    return Macros({**config_of(flavour, tree).values, **dict.fromkeys(names, "")})


def _traced(tree: Tree, sources: list[str]) -> list[str]:
    """The headers of tracepoints that these sources include."""
    return list(dict.fromkeys(h for path in sources for h in _includes(tree.read(path) or b"")[0]))


def _direct_includes(tree: Tree, file: str) -> list[str]:
    """Quoted includes of the file: its private headers."""
    folder = file.rsplit("/", 1)[0]
    return [f"{folder}/{name}" for name in _includes(tree.read(file) or b"")[1]]


@lru_cache(maxsize=128)
def _includes(raw: bytes) -> tuple[list[str], list[str]]:
    """(headers of tracepoints, private headers)."""
    text = plain(raw)
    return trace_headers(text), quoted_headers(text)
