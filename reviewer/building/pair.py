# SPDX-License-Identifier: GPL-2.0-or-later
"""One executable that holds a function before and after a patch, over one simulated MMU."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from oracle.entries import GENERIC, Entry
from oracle.flavours import FLAVOURS
from reviewer.building.objects import compiled, link, runtime
from reviewer.csource.items import Item
from reviewer.errors import SliceError
from reviewer.model import Tree
from reviewer.slicing.cut import cut, leads_to
from reviewer.slicing.forbidden import refuse_brought
from reviewer.slicing.index import Index, build_index
from reviewer.slicing.repair import Without
from reviewer.slicing.search import calls
from reviewer.slicing.slice import Slice
from reviewer.slicing.world import world

_REPAIRS = 6


@dataclass(frozen=True)
class Pair:
    """A built pair. before and after are the slices it was made from; touched, sources: as for build()."""

    entry: Entry
    flavour: str
    program: Path
    before: Slice
    after: Slice
    kept: frozenset[str] = frozenset()  # names that the world stands in for, though the tree's lead to a change
    touched: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()


def build(
    before: Tree, after: Tree, entry: Entry, flavour: str, touched: Iterable[str] = (), sources: Iterable[str] = (),
    kept: Iterable[str] = (),
) -> Pair:  # fmt: skip
    """Slice and compile both sides. touched: names the patch changes, which win over the world's own; sources: files
    in which it changes some of them; kept: names for which the world's own stay, though the tree's lead to a change.

    Raises SliceError when the function cannot be cut out or does not compile, ToolError without compiler.
    """
    patched = _Patched(frozenset(touched), tuple(sorted(sources)))
    with ThreadPoolExecutor(2) as pool:
        beneath = pool.submit(runtime, flavour)
        like = _like(before, after, entry, flavour)
        sides = [_side(t, entry, flavour, patched, name, like) for t, name in ((before, "before"), (after, "after"))]
        program = link([o for _, o in sides] + [beneath.result()])
    return _pair(entry, flavour, program, sides[0][0], sides[1][0], patched, kept)


def unbuilt(
    before: Tree, after: Tree, entry: Entry, flavour: str, touched: Iterable[str] = (), sources: Iterable[str] = (),
    kept: Iterable[str] = (),
) -> Pair:  # fmt: skip
    """The same with both sides cut and nothing compiled: its program is nowhere. What would not compile is not stood
    in for."""
    patched = _Patched(frozenset(touched), tuple(sorted(sources)))
    like = _like(before, after, entry, flavour)
    first, second = (_cut(t, entry, flavour, patched, like) for t in (before, after))
    return _pair(entry, flavour, Path(), first, second, patched, kept)


def _pair(
    entry: Entry, flavour: str, program: Path, before: Slice, after: Slice, patched: _Patched, kept: Iterable[str]
) -> Pair:
    """The pair of two slices. Raises SliceError when the patch brings what is not for code under test."""
    refuse_brought(before.parts, after.parts, patched.names)
    used = frozenset[str]().union(*(i.refs for piece in (before, after) for i in piece.parts))
    return Pair(entry, flavour, program, before, after, used & frozenset(kept), patched.names, patched.sources)


def build_beside(pair: Pair, before: Tree, after: Tree) -> Pair:
    """The pair with a tree between the two in the place of the patched one. Nothing is stood in for that was not, and
    it is compiled as for a trace, which is faster. Raises SliceError when it does not compile so."""
    entry, flavour, like = pair.entry, pair.flavour, _like(before, after, pair.entry, pair.flavour)
    patched = _Patched(pair.touched, pair.sources)
    piece = _cut(after, entry, flavour, patched, like, pair.after.stood_in, pair.after.dropped)
    known = {n for side in (pair.before, pair.after) for n in (*side.stubs, *side.ends)}
    if more := {*piece.stubs, *piece.ends} - known:
        raise SliceError(f"no definition of {', '.join(sorted(more))}")
    program = build_from_text((pair.before.text, piece.text), flavour, ("after",))
    return replace(pair, program=program, after=piece)


def build_from_text(code: tuple[str, str], flavour: str, traced: Collection[str] = ()) -> Path:
    """The executable of two slices kept in a finding. traced: the sides whose traces name the statements passed.

    Raises SliceError when one does not compile."""
    objects = []
    for text, side in zip(code, ("before", "after"), strict=True):
        path, errors = compiled(text, side, traced=side in traced)
        if errors:
            raise SliceError(f"the kept code does not compile: {errors[0][2]}", place=f"{errors[0][0]}:{errors[0][1]}")
        objects.append(path)
    return link([*objects, runtime(flavour)])


def build_forced(pair: Pair, probe: int) -> Path | None:
    """The executable of a pair with the condition that leads to a probe after the patch taken for true.

    None where there is no such condition."""
    text = pair.after.forced(probe)
    return build_from_text((pair.before.text, text), pair.flavour) if text != pair.after.text else None


def _like(before: Tree, after: Tree, entry: Entry, flavour: str) -> Item | None:
    """The function as it is before the patch, by which both sides of a generic entry are called."""
    if entry.adapter != GENERIC or before is after:
        return None
    return _index(before, entry, flavour, _Patched()).find(entry.name)


def slice_of(tree: Tree, entry: Entry, flavour: str, touched: Iterable[str] = ()) -> Slice:
    """The entry cut out of a tree. Raises SliceError when it is not there or what it needs is not."""
    index = _index(tree, entry, flavour, _Patched())
    return cut(index, entry.name, entry.adapter, own=_own(entry, touched))


@lru_cache(maxsize=512)
def reachable(
    tree: Tree, entry: Entry, flavour: str, touched: frozenset[str], sources: tuple[str, ...] = ()
) -> frozenset[tuple[str, str]]:
    """(name, file) of everything of the tree that the entry itself leads to. Raises SliceError without the entry."""
    index = _index(tree, entry, flavour, _Patched(touched, sources))
    return leads_to(index, entry.name, _own(entry, touched))


def _own(entry: Entry, touched: Iterable[str]) -> frozenset[str]:
    """The names for which the tree's own code is run, though the world has them."""
    return frozenset(touched) - frozenset(entry.beyond) | frozenset(entry.own)


@dataclass(frozen=True)
class _Patched:
    """What a patch changes: names, and sources that an entry may not read otherwise."""

    names: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()


def _index(tree: Tree, entry: Entry, flavour: str, patched: _Patched) -> Index:
    file = next((f for f in entry.files if calls(tree.read(f) or b"", entry.name)), None)
    if file is None:
        raise SliceError(f"no function {entry.name} in this tree", place=" or ".join(entry.files))
    index = _file_index(tree, file, flavour).fork()
    index.adopt(tree, patched.sources, sorted(patched.names))
    return index


@lru_cache(maxsize=16)
def _file_index(tree: Tree, file: str, flavour: str) -> Index:
    return build_index(tree, FLAVOURS[flavour], file, world().macros)


@lru_cache(maxsize=16)
def _cut(
    tree: Tree, entry: Entry, flavour: str, patched: _Patched, like: Item | None,
    stubbed: frozenset[str] = frozenset(), dropped: frozenset[str] = frozenset(),
) -> Slice:  # fmt: skip
    index = _index(tree, entry, flavour, patched)
    own = _own(entry, patched.names)
    return cut(index, entry.name, entry.adapter, own=own, stubbed=stubbed, dropped=dropped, like=like)


@lru_cache(maxsize=16)
def _side(
    tree: Tree, entry: Entry, flavour: str, patched: _Patched, side: str, like: Item | None
) -> tuple[Slice, Path]:
    """Cut one side and compile it; a helper that does not compile is stood in for, if no change is beneath it."""
    without = Without(patched.names)
    for _ in range(_REPAIRS):
        piece = _cut(tree, entry, flavour, patched, like, frozenset(without.stubbed), frozenset(without.dropped))
        path, errors = compiled(piece.text, side)
        if not errors:
            return piece, path
        if (stays := without.gained(piece, errors)) is not None:
            break
    else:
        stays = errors[0]
    raise SliceError(
        f"in the slice of {entry.name}() this does not compile {side} the patch: {stays[2]}",
        place=f"{stays[0]}:{stays[1]}",
        hint="the function is reported as not-runnable",
    )
