# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions of a tree touch PTEs, which of them batch, and what else of a file has to do with entries.

A function touches PTEs when it can reach an entry of a last-level page table: it names a pointer to pte_t, or
follows the pte member of a fault or of a page_vma_mapped_walk. What only computes on a pte_t value does not. Looked
for in every file of a tree, as each flavour compiles it; what no flavour compiles is told with the reason.

It batches when it takes, or calls something that takes, a pointer to a PTE and the number of entries from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from oracle.flavours import DEFAULT, FLAVOURS, GENERIC_HEADERS
from reviewer.changes.hidden import Hidden, foreign, hidden_items
from reviewer.csource.items import Item, code_only
from reviewer.model import Tree
from reviewer.slicing.index import read_beneath
from reviewer.slicing.reading import Read
from reviewer.slicing.world import world

# What a kernel is not made of.
_APART = re.compile(r"(?:tools|scripts|samples|Documentation|usr|rust)/")
_HEADERS = ("include/linux/pgtable.h", "mm/internal.h", "mm/util.c")
_POINTER = re.compile(r"\bpte_t\s*\*|\b(?:vmf|pvmw)\s*(?:->|\.)\s*pte\b")
_PRIMITIVE = re.compile(r"\bpte_t\s*\*.*\bint\s+(?:max_)?nr\w*", re.DOTALL)
_CALL = re.compile(r"\b(\w+)\s*\(")
# Names of headers by which code speaks of entries: pte_t, set_ptes(), folio_add_anon_rmap_ptes(), softleaf_t.
_SPEAKS = re.compile(r"(?:^|_)(?:cont)?pte(?:p|s|val)?(?:_|$)|softleaf|page_vma_mapped")
# A function that does nothing, as it stands where a configuration lacks it.
_IDLE = re.compile(r"\{\s*(?:return\b[\w\s-]*;)?\s*\}\s*$")


@dataclass(frozen=True)
class Touching:
    """A function that touches PTEs. flavours: those that compile it. hidden: why none does."""

    name: str
    file: str
    batches: bool
    flavours: tuple[str, ...]
    hidden: str = ""


def ours(path: str) -> bool:
    """Whether a file is C of which a kernel is made."""
    return path.endswith((".c", ".h")) and _APART.match(path) is None


@lru_cache(maxsize=16384)
def touches(text: str) -> bool:
    """Whether code reaches an entry of a page table."""
    return _POINTER.search(code_only(text)) is not None


def touching(tree: Tree) -> tuple[Touching, ...]:
    """The functions of a tree that touch PTEs: of mm/, then of what lies beneath it, by file and line."""
    shared = {f: _batching(functions_of(tree, _HEADERS, f)) for f in DEFAULT}
    found: dict[tuple[str, str], Touching] = {}
    for path in sorted(filter(ours, tree.holding(("pte_t", "pte"))), key=lambda p: (not p.startswith("mm/"), p)):
        for flavour in compiling(path):
            own = functions_of(tree, (path,), flavour)
            counted = shared[flavour] | _batching(own)
            for item in own:
                if touches(item.text):
                    known = found.get((item.name, path), Touching(item.name, path, False, ()))
                    batches = known.batches or _batches(item, counted)
                    found[item.name, path] = Touching(item.name, path, batches, (*known.flavours, flavour))
        for one in _unseen(tree, path):
            batches = _batches(one.item, shared[DEFAULT[0]])
            found.setdefault((one.item.name, path), Touching(one.item.name, path, batches, (), one.why))
    return tuple(found.values())


def _unseen(tree: Tree, path: str) -> list[Hidden]:
    """The functions of a file that touch PTEs, and that no flavour compiles."""
    if flavours := compiling(path):
        return [h for h in hidden_items(tree, path, flavours, touches) if h.item.kind == "function" and _works(h.item)]
    own = functions_of(tree, (path,), DEFAULT[0])
    return [Hidden(item, foreign(path), frozenset()) for item in own if touches(item.text)]


def _works(item: Item) -> bool:
    return touches(item.text) and not idle(item)


def idle(item: Item) -> bool:
    """Whether a function does nothing but return."""
    return item.kind == "function" and _IDLE.search(code_only(item.text)) is not None


def _batching(functions: Iterable[Item]) -> frozenset[str]:
    return frozenset(i.name for i in functions if _PRIMITIVE.search(code_only(i.signature)))


def _batches(item: Item, counted: frozenset[str]) -> bool:
    return item.name in counted or not counted.isdisjoint(_CALL.findall(code_only(item.text)))


def concerned(tree: Tree, path: str, flavour: str) -> frozenset[str]:
    """The items of a file that have to do with entries: they touch them or compute on their values, functions that
    touch them use these, or they name such a function without a call, as a table
    of callbacks does and who hands one on."""
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    return _concerned(here, vocabulary(tree, flavour)) if here is not None else frozenset()


@lru_cache(maxsize=64)
def _concerned(here: Read, words: frozenset[str]) -> frozenset[str]:
    items = here.names
    touch = {n for n, i in items.items() if i.kind == "function" and touches(i.text)}
    direct = {n for n, i in items.items() if touches(i.text) or not words.isdisjoint({n, *i.refs})}
    tables = {n for n, i in items.items() if i.kind not in {"function", "prototype"} and not touch.isdisjoint(i.refs)}
    tables |= {n for n, i in items.items() if i.kind == "variable" and "pgprot_t" in i.text}
    tables |= _handing(here)
    todo, used = list(touch), set[str]()
    while todo:
        new = (items[todo.pop()].refs & items.keys()) - used
        used |= new
        todo += new
    return frozenset(items[n].name for n in direct | tables | used)


def handing(tree: Tree, path: str, flavour: str) -> frozenset[str]:
    """Functions that hand on what leads to entries, or a table of that, instead of calling it."""
    here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
    return _handing(here) if here is not None else frozenset()


@lru_cache(maxsize=64)
def _handing(here: Read) -> frozenset[str]:
    items = here.names
    leads = {n for n, i in items.items() if i.kind == "function" and touches(i.text)}
    grown = True
    while grown:
        more = {
            n for n, i in items.items() if n not in leads and i.kind != "prototype" and not leads.isdisjoint(i.refs)
        }
        leads |= more
        grown = bool(more)
    return frozenset(n for n, i in items.items() if i.kind == "function" and _hands(i, leads))


def _hands(item: Item, leads: set[str]) -> bool:
    text = code_only(item.text)
    return any(re.search(rf"\b{re.escape(name)}\b(?!\s*(?:[(.[]|->))", text) for name in item.refs & leads)


@lru_cache(maxsize=8)
def vocabulary(tree: Tree, flavour: str) -> frozenset[str]:
    """The names of a tree's headers that speak of entries."""
    names: set[str] = set()
    for path in (*FLAVOURS[flavour].headers, *GENERIC_HEADERS):
        here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
        names |= _speaking(here) if here is not None else set()
    return frozenset(names)


@lru_cache(maxsize=512)
def _speaking(here: Read) -> frozenset[str]:
    return frozenset(name for name in here.names if _SPEAKS.search(name))


def users(tree: Tree, names: frozenset[str], flavour: str) -> frozenset[str]:
    """Those of these names that a function which touches PTEs uses, in whatever file."""
    found: set[str] = set()
    words = sorted(name.split()[-1] for name in names)
    for path in tree.holding(words) if words else ():
        if ours(path) and flavour in compiling(path):
            for item in functions_of(tree, (path,), flavour):
                found |= item.refs & names if touches(item.text) else set()
    return frozenset(found)


def compiling(path: str, flavours: Iterable[str] = DEFAULT) -> list[str]:
    """Those of the flavours that compile a file at all."""
    parts = path.split("/")
    return [name for name in flavours if parts[0] != "arch" or parts[1] == FLAVOURS[name].arch]


def functions_of(tree: Tree, paths: tuple[str, ...], flavour: str) -> list[Item]:
    """The functions of these files as a flavour compiles them."""
    found = []
    for path in paths:
        if b"pte" not in (tree.read(path) or b""):
            continue
        here = read_beneath(tree, path, FLAVOURS[flavour], world().macros)
        found += [item for item, _ in here.items if item.kind == "function"] if here is not None else []
    return found
