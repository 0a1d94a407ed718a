# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree's functions are for, told by their signatures: batch detection, batch hints, batch primitives.

Folio batch detection (folio_pte_batch() and its like in mm/internal.h, mm/util.c) takes a folio, a pointer into the
table, the first entry (by value, or a pointer to a copy) and a bound, in whatever order and with whatever else, and
scans or hands on to what scans. What looks like it but cannot be told apart is kept by name, so that a review can say
which rules nobody asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.csource.items import Item, parse
from reviewer.errors import SliceError
from reviewer.slicing.signature import Parameter, signature

INTEGER = re.compile(r"(?:unsigned |signed )?(?:int|long|short)(?: int)?|unsigned|size_t|[us](?:8|16|32|64)")
_ADDRESS = re.compile(r"(?:\w*_)?(?:addr\w*|start|end|haddr)")
_COUNT = re.compile(r"(?:\w*_)?(?:nr|max|num|count|limit|room|len|npages|batch)(?:_\w+)?")
_COPY = re.compile(r"\w*(?:ent|first|copy|entry)\w*")
_WRITES = re.compile(
    r"(?:__|contpte_)?(?:set_ptes?(?:_at|_anysz)?|ptep_(?!get\b|test)\w*(?:clear|set|modify)\w*|\w*clear\w*_ptes|wrprotect_ptes)"
)
_ADVANCES = re.compile(r"\bpte_(?:advance_pfn|next_pfn|next_swp_offset|move_swp_offset)\b")
_OF_SWAP = re.compile(r"swp|swap|softleaf")
_LOOPS = ("while_statement", "for_statement", "do_statement")
_GUARD = r"\bif\s*\((?:[^;{]*\W)?(?:folio_test_large\s*\(\s*%s|!\s*%s\b|%s\s*==\s*NULL)"


@dataclass(frozen=True)
class Detection:
    """A function that finds a batch. ptep, first, nr, folio, flags, vma: the parameters' names by what they are, empty
    for none. copy: first points to a copy. guarded: it looks itself whether the folio is large. bits: it compares the
    entries' bits by the rules of FPB_ flags."""

    item: Item
    ptep: str
    first: str
    nr: str
    copy: bool = False
    folio: str = ""
    flags: str = ""
    vma: str = ""
    guarded: bool = False
    bits: bool = False

    @property
    def name(self) -> str:
        return self.item.name


@dataclass(frozen=True)
class Roles:
    """folio, swap: detection that is interposed; hints: names. unclear: looks like detection, but its parameters cannot
    be told apart. open: scans for a batch by themselves in the midst of other work; swapping: those of swap entries."""

    folio: tuple[Detection, ...] = ()
    swap: tuple[Detection, ...] = ()
    hints: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    swapping: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset([*(d.name for d in (*self.folio, *self.swap)), *self.hints])


def roles_of(functions: Mapping[str, Item]) -> Roles:
    """The roles among the functions of a slice."""
    read = {n: r for n, item in functions.items() if "pte_t" in item.signature and (r := _read(item)) is not None}
    reach = _reach(functions)
    scanners = {n for n, item in functions.items() if _advances_in_loop(item.text)}
    looks = {n: k for n, params in read.items() if (k := _kind(functions[n], params, functions, reach[n]))}
    found: dict[str, Detection] = {}
    unclear: list[str] = []
    for name, kind in sorted(looks.items()):
        inner = sorted(looks.keys() & reach[name])
        if inner and not _hands_on(functions[name]):
            continue  # a caller of detection
        if not inner and not (reach[name] | {name}) & scanners:
            continue
        detection = _told(functions[name], read[name], kind, _with_flags(read, [name, *inner]))
        if detection is not None:
            found[name] = detection
        elif not inner:
            unclear.append(name)
    within = frozenset(found).union(*(reach[n] for n in found))
    apart = sorted(n for n in scanners - within if not primitive(functions[n]))
    swapping = frozenset(n for n in [*apart, *unclear] if "_swp_offset" in functions[n].text)
    hints = tuple(sorted(n for n, params in read.items() if _is_hint(functions[n], params)))
    by_kind = {k: tuple(d for n, d in found.items() if looks[n] == k) for k in ("folio", "swap")}
    return Roles(by_kind["folio"], by_kind["swap"], hints, tuple(unclear), tuple(apart), swapping)


def table_and_first(item: Item, params: tuple[Parameter, ...]) -> tuple[str, str, bool] | None:
    """(pointer into the table, first entry, whether that is a pointer to a copy), or None when they cannot be told."""
    pointers, entries = _of(params, "pte_t *"), _of(params, "pte_t")
    if len(pointers) == 1 and len(entries) == 1:
        return pointers[0], entries[0], False
    if len(pointers) != 2 or entries:
        return None
    body = _body(item)
    copies = [p for p in pointers if re.search(rf"(?<![\w)\]])\s*\*\s*{p}\b", body)]
    copies = copies if len(copies) == 1 else [p for p in pointers if _COPY.fullmatch(p)]
    if len(copies) != 1:
        return None
    return next(p for p in pointers if p != copies[0]), copies[0], True


def bound(item: Item, params: tuple[Parameter, ...]) -> str:
    """The parameter that says how many entries there are at most; empty when it cannot be told."""
    integers = [p.name for p in params if INTEGER.fullmatch(p.type) and not _ADDRESS.fullmatch(p.name)]
    counts = [n for n in integers if _COUNT.fullmatch(n)]
    if len(counts) == 1:
        return counts[0]
    body = _body(item)
    limits = [n for n in counts or integers if re.search(rf"\bmin\w*\([^;]*\b{n}\b|[<>]=?\s*{n}\b|\+\s*{n}\b", body)]
    return limits[0] if len(limits) == 1 else ""


def _read(item: Item) -> tuple[Parameter, ...] | None:
    """The parameters of a function that gives back a number."""
    try:
        returns, params = signature(item)
    except SliceError:
        return None
    return params if INTEGER.fullmatch(returns) else None


def _of(params: tuple[Parameter, ...], type: str) -> list[str]:
    return [p.name for p in params if p.type == type]


def _kind(item: Item, params: tuple[Parameter, ...], functions: Mapping[str, Item], reach: frozenset[str]) -> str:
    """ "folio" or "swap" for what has the signature of detection and writes nothing, else empty."""
    pointers, entries = len(_of(params, "pte_t *")), len(_of(params, "pte_t"))
    if not (pointers == 1 and entries) and not (pointers == 2 and not entries):
        return ""
    if any(_WRITES.fullmatch(r) for n in (item.name, *reach) for r in functions[n].refs):
        return ""
    folios = _of(params, "struct folio *")
    if folios:
        return "folio" if len(folios) == 1 and any(INTEGER.fullmatch(p.type) for p in params) else ""
    return "swap" if pointers == 1 and bound(item, params) and _of_swap(item) else ""


def _told(item: Item, params: tuple[Parameter, ...], kind: str, bits: bool) -> Detection | None:
    entry, nr = table_and_first(item, params), bound(item, params)
    if entry is None or not nr:
        return None
    if kind == "swap":
        return Detection(item, entry[0], entry[1], nr, entry[2])
    folio, vma = _of(params, "struct folio *")[0], _of(params, "struct vm_area_struct *")
    guarded = re.search(_GUARD % ((re.escape(folio),) * 3), _body(item)) is not None
    flags = (_of(params, "fpb_t") or [""])[0]
    return Detection(item, entry[0], entry[1], nr, entry[2], folio, flags, vma[0] if vma else "", guarded, bits)


def _with_flags(read: Mapping[str, tuple[Parameter, ...]], names: list[str]) -> bool:
    return any(p.type == "fpb_t" for n in names for p in read[n])


def _hands_on(item: Item) -> bool:
    """Whether a function decides nothing: it returns what it calls."""
    body = _body(item)
    return len(re.findall(r"\breturn\b", body)) == 1 and not re.search(r"\b(?:if|for|while|do|switch|goto)\b|\?", body)


def _is_hint(item: Item, params: tuple[Parameter, ...]) -> bool:
    """pte_batch_hint(), include/linux/pgtable.h: so many entries are alike without looking."""
    return sorted(p.type for p in params) == ["pte_t", "pte_t *"] and item.file.endswith(".h") and not _loops(item.text)


def primitive(item: Item) -> bool:
    """Whether it lies below mm code: pgtable headers and what an architecture has behind them."""
    return item.file.startswith(("include/", "arch/"))


def _of_swap(item: Item) -> bool:
    return any(_OF_SWAP.search(r) for r in item.refs)


def _body(item: Item) -> str:
    return item.text[item.text.find("{") :]


def _loops(text: str) -> list[Node]:
    found, stack = [], [parse(text.encode())] if re.search(r"\b(?:while|for|do)\b", text) else []
    while stack:
        node = stack.pop()
        found += [node] if node.type in _LOOPS else []
        stack += node.named_children
    return found


@lru_cache(maxsize=4096)
def _advances_in_loop(text: str) -> bool:
    """Whether a loop of a function goes on to the entry that is due next."""
    if not _ADVANCES.search(text):
        return False
    return any(_ADVANCES.search((n.text or b"").decode("utf-8", "replace")) for n in _loops(text))


def _reach(functions: Mapping[str, Item]) -> dict[str, frozenset[str]]:
    """For each function those of the slice that it leads to."""
    direct = {n: frozenset(r for r in i.refs if r in functions and r != n) for n, i in functions.items()}
    found: dict[str, frozenset[str]] = {}
    for name in functions:
        seen: set[str] = set()
        todo = list(direct[name])
        while todo:
            if (here := todo.pop()) not in seen:
                seen.add(here)
                todo += direct[here]
        found[name] = frozenset(seen)
    return found
