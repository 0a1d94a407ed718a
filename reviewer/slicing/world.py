# SPDX-License-Identifier: GPL-2.0-or-later
"""The world's own headers as the slicer sees them: what they provide, and what they need from the tree."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reviewer.csource.items import Item, items_of
from reviewer.csource.macros import Asked, Layer, answered
from reviewer.csource.preprocess import Macros, resolve
from reviewer.errors import ToolError
from reviewer.slicing.kept import code
from reviewer.support import cache as kept

WORLD = Path(__file__).resolve().parents[2] / "oracle" / "world"
ENTRIES = WORLD.parent / "entries"
_FIRST = ("base.h", "kernel.h")  # what emit.py includes
_INCLUDE = re.compile(r'^#include "(\w+\.h)"', re.MULTILINE)
_DATA = ("wire.h", "family.h")
_FLAG_FORMS = (
    "folio_test_{0}", "folio_set_{0}", "folio_clear_{0}", "__folio_set_{0}", "__folio_clear_{0}",
    "folio_test_set_{0}", "folio_test_clear_{0}", "Page{1}", "SetPage{1}", "ClearPage{1}",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """refs: every name the world provides -> the names it uses; roots: names its functions always need;
    members: struct members it names; macros: the names that #ifdef in the tree may ask for."""

    refs: dict[str, frozenset[str]]
    roots: frozenset[str]
    members: frozenset[str]
    macros: frozenset[str]


@cache
def providing() -> tuple[str, ...]:
    """The headers a slice includes before the code under test, each after those that it includes itself."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in found:
            for inner in _INCLUDE.findall((WORLD / name).read_text(encoding="utf-8")):
                visit(inner)
            found[name] = None

    for first in _FIRST:
        visit(first)
    return tuple(found)


@cache
def world() -> World:
    """The world of this version of the tool, from the cache if it was read before."""
    whole = hashlib.sha256(code().encode() + Path(__file__).read_bytes())
    for name in providing():
        whole.update(name.encode() + b"\0" + (WORLD / name).read_bytes())
    name = f"world-{whole.hexdigest()[:40]}"
    found = _unpacked(kept.content(name) or b"")
    if found is None:
        found = _made()
        with suppress(ToolError):
            kept.put(name, _packed(found))
    return found


def _packed(made: World) -> bytes:
    parts = {"roots": made.roots, "members": made.members, "macros": made.macros}
    refs = {name: sorted(used) for name, used in made.refs.items()}
    return json.dumps({"refs": refs, **{part: sorted(names) for part, names in parts.items()}}).encode()


def _unpacked(content: bytes) -> World | None:
    """None for what is none."""
    try:
        held = json.loads(content)
        refs = {name: frozenset(used) for name, used in held["refs"].items()}
        return World(refs, *(frozenset(held[part]) for part in ("roots", "members", "macros")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _made() -> World:
    refs: dict[str, frozenset[str]] = {}
    roots: set[str] = set()
    members: set[str] = set()
    macros: set[str] = set()
    for name in providing():
        raw = (WORLD / name).read_bytes()
        for item, names in _items(name, raw, Macros()):
            members |= item.members
            for each in names:
                refs[each] = refs.get(each, frozenset()) | (item.refs if name not in _DATA else frozenset())
            if item.kind == "macro":
                macros.add(item.name)
            if item.kind == "function":
                roots |= item.refs
        for each in _generated(raw.decode()):
            refs[each] = frozenset()
    roots -= refs.keys()
    return World(refs, frozenset(roots), frozenset(members), frozenset(macros))


def _generated(text: str) -> set[str]:
    """Names that the world makes with macros of its own: page flags, atomics, bit operations."""
    names: set[str] = set()
    if "W_PAGE_FLAGS(X)" in text:
        for lower, upper in re.findall(r"\bX\((\w+), (\w+)\)", text):
            names |= {form.format(lower, upper) for form in _FLAG_FORMS}
    for _, _, word in re.findall(r"^w_atomic_ops\((\w+), (\w+), (\w+)\)", text, re.MULTILINE):
        names |= {f"{word}_{m}" for m in re.findall(r"word##_(\w+)", text)}
    names |= set(re.findall(r"^w_bit_op\((\w+),", text, re.MULTILINE))
    return names


def world_symbols() -> frozenset[str]:
    """What a slice may be linked against: of what the world's C defines that which the headers before the code under
    test declare, and what compilers make of copies.

    Not what runtime.h has: code under test has no business printing answers."""
    return frozenset(
        (
            "W init_mm mmlist_lock w_access_ordered w_barrier w_list w_page_leaves w_page_unmapped w_passed "
            "w_pmd_changes w_pte_read_odd w_pte_write w_ptl_dropped w_split_pmds w_split_tables w_stop w_stub "
            "w_task w_tlb_defer w_tlb_deferred w_tlb_flush w_tlb_flush_here w_violate_at "
            "memcpy memmove memset memcmp bcmp"
        ).split()
    )


def needs(paths: list[Path], macros: Macros) -> tuple[set[str], set[str]]:
    """(names, members) that the unguarded or enabled parts of these world files use from elsewhere."""
    names: set[str] = set()
    members: set[str] = set()
    own: set[str] = set()
    for path in paths:
        for item, defined in _enabled(path, macros):
            names |= item.refs
            members |= item.members
            own.update(defined)
    return names - own, members


@cache
def failing() -> frozenset[str]:
    """The names of the world that may fail when a scenario says so: they lead to w_may_fail()."""
    found = {"w_may_fail"}
    while more := {n for n, refs in world().refs.items() if n not in found and refs & found}:
        found |= more
    return frozenset(found)


def guards(paths: list[Path]) -> set[str]:
    """The names that HAVE_<name> guards in these files ask about."""
    return {g for p in paths for g in re.findall(r"\bHAVE_(\w+)", p.read_text(encoding="utf-8"))}


def _enabled(path: Path, macros: Macros) -> list[tuple[Item, tuple[str, ...]]]:
    """The items of a world file, read once for all that it asks of macros."""
    ways = _ways(path)
    found = next((items for asked, items in ways if answered(asked, macros)), None)
    if found is None:
        layer = Layer(macros)
        found = _items(path.name, path.read_bytes(), layer)
        ways.append((layer.asked, found))
    return found


@cache
def _ways(_: Path) -> list[tuple[Asked, list[tuple[Item, tuple[str, ...]]]]]:
    return []


def _items(name: str, raw: bytes, macros: Macros) -> list[tuple[Item, tuple[str, ...]]]:
    return items_of(name, resolve(raw, macros))
