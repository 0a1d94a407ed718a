# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts an entry out of a tree: what of the tree it needs, beside what the world has.

What the entry's own code leads to, what its adapter and the contracts name, and what the tree has no definition of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from oracle.entries import GENERIC
from reviewer.csource.items import Item, items_of
from reviewer.csource.preprocess import Macros
from reviewer.errors import SliceError
from reviewer.slicing.adapter import adapter_text
from reviewer.slicing.closure import Closure, close_over
from reviewer.slicing.emit import CONTRACTS, Writer
from reviewer.slicing.index import Index
from reviewer.slicing.roles import Roles, roles_of
from reviewer.slicing.slice import Slice
from reviewer.slicing.stubs import may_stub
from reviewer.slicing.world import ENTRIES, WORLD, guards, needs, world


def cut(index: Index, entry: str, adapter: str, *, own: Iterable[str] = (), stubbed: Iterable[str] = (),
        dropped: Iterable[str] = (), like: Item | None = None) -> Slice:  # fmt: skip
    """Cut the entry out of an indexed tree.

    adapter: the file in oracle/entries that calls it. own: names the patch touches; where the entry leads to them,
    the tree's definition is taken even if the world has one. stubbed: functions to stand in for. dropped: names to
    do without. like: the function whose body tells how a generic entry is called. Raises SliceError when the entry
    is not there, or what it needs is not.
    """
    item = index.find(entry)
    if item is None or item.kind != "function":
        raise SliceError(f"no function {entry} in this tree", place=index.flavour.name)
    generic = adapter == GENERIC
    taken = frozenset([*own, *[entry] * generic])
    instead = taken & world().refs.keys() & _close(index, entry, taken).items.keys()
    made = _generic(index, item, like or item, instead) if generic else ""
    closure, roles = _closure(index, entry, adapter, made, instead, frozenset(stubbed), frozenset(dropped))
    return Writer(index, closure, entry, adapter, instead, roles, taken).write(made)


def _generic(index: Index, item: Item, like: Item, instead: frozenset[str]) -> str:
    """The adapter made for a function; what it fills is told by what the function's own code reaches."""
    provided = {n: r for n, r in world().refs.items() if n not in instead}
    found = close_over(index, {item.name}, provided, ())
    return adapter_text(item, like, found.items)


def _defined(index: Index, name: str) -> bool:
    found = index.find(name)
    return found is not None and found.kind in {"function", "macro"}


def leads_to(index: Index, entry: str, own: frozenset[str]) -> frozenset[tuple[str, str]]:
    """(name, file) of what the entry's own code leads to, no file for what nothing defines; own as for cut()."""
    found = _close(index, entry, own)
    there = {(n, i.file) for n, i in [*found.items.items(), *found.stubs.items()]}
    return frozenset(there | {(n, "") for n in found.missing})


def _close(index: Index, entry: str, own: frozenset[str]) -> Closure:
    provided = world().refs
    if taken := {n for n in own if n in provided and _defined(index, n)}:
        provided = {n: r for n, r in provided.items() if n not in taken}
    return close_over(index, {entry}, provided, world().members)


def _closure(
    index: Index, entry: str, adapter: str, made: str, instead: frozenset[str], stubbed: frozenset[str],
    dropped: frozenset[str],
) -> tuple[Closure, Roles]:  # fmt: skip
    w = world()
    files = [WORLD / "codec.h", *_with_includes(adapter)]
    have = {g for g in guards(files) if index.find(g) or index.find(f"struct {g}")}
    defined = {f"W_ENTRY_{entry}", *(f"HAVE_{h}" for h in have)}
    codec, members = needs(files, Macros(dict.fromkeys(defined, "")))
    for part, _ in items_of("adapter", made.encode()):
        codec |= part.refs
        members |= part.members
    # What contracts say about a function counts only where the slice has it; flags they name cost nothing.
    flags = [g for g in guards(CONTRACTS) if (item := index.find(g)) is not None and item.kind == "macro"]
    contracts, more = needs(CONTRACTS, Macros(dict.fromkeys((f"HAVE_{g}" for g in flags), "")))
    provided = {n: r for n, r in w.refs.items() if n not in instead}
    roots = {entry, *codec, *contracts, *w.roots, *instead} - stubbed
    found = close_over(index, roots, provided, members | more | w.members, stubbed, dropped)
    roles = roles_of({n: i for n, i in found.items.items() if i.kind == "function"})
    # What the checks of detection name, wherever there is some to check.
    asking = needs(CONTRACTS, Macros({"W_DETECTS_FOLIO": ""}))[0] - contracts if roles.folio else set()
    if asking - found.items.keys() - provided.keys() - found.missing:
        found = close_over(index, roots | asking, provided, members | more | w.members, stubbed, dropped)
    wrong = [n for n, i in found.stubs.items() if not may_stub(i) and n in {*codec, entry}]
    if wrong:
        raise SliceError(
            f"no definition of {', '.join(sorted(wrong))} within reach of {entry}", place=index.flavour.name
        )
    return found, roles


def _with_includes(adapter: str) -> list[Path]:
    """The adapter's file, after those beside it that it includes."""
    text = (ENTRIES / adapter).read_text(encoding="utf-8")
    return [*(ENTRIES / name for name in re.findall(r'^#include "(\w+\.h)"', text, re.MULTILINE)), ENTRIES / adapter]
