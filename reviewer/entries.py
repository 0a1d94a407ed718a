"""The fewest entries that reach what a patch changed: a helper is exercised through its callers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oracle.entries import ENTRIES, Entry
from oracle.flavours import FLAVOURS
from reviewer.errors import SliceError
from reviewer.model import ChangedFunction, PatchTrees, Tree
from reviewer.pair import slice_of


@dataclass(frozen=True)
class Plan:
    """entries: what to run. reached: changed function -> the entry that reaches it. why: for the others."""

    entries: tuple[Entry, ...]
    reached: dict[tuple[str, str], Entry]
    why: dict[tuple[str, str], str]


def plan(trees: PatchTrees, functions: Iterable[ChangedFunction], touched: frozenset[str]) -> Plan:
    """Choose entries for the changed functions."""
    chosen: list[Entry] = []
    reached: dict[tuple[str, str], Entry] = {}
    why: dict[tuple[str, str], str] = {}
    todo = list(functions)
    for function in todo:
        own = next((e for e in ENTRIES if e.name == function.name and function.file in e.files), None)
        if own is not None:
            reached[function.name, function.file] = own
            chosen.append(own)
    for function in todo:
        key = (function.name, function.file)
        if key in reached:
            continue
        found = next((e for e in _candidates(function, chosen) if _reaches(trees, e, function, touched)), None)
        if found is None:
            why[key] = "no entry that can be exercised reaches it"
            continue
        reached[key] = found
        if found not in chosen:
            chosen.append(found)
    return Plan(tuple(dict.fromkeys(chosen)), reached, why)


def _candidates(function: ChangedFunction, chosen: list[Entry]) -> list[Entry]:
    """Entries worth asking: those already chosen, those of the same file, then all for what is in a header."""
    near = [e for e in ENTRIES if function.file in e.files]
    far = [e for e in ENTRIES if e not in near]
    return list(dict.fromkeys([*chosen, *near, *far]))


def _reaches(trees: PatchTrees, entry: Entry, function: ChangedFunction, touched: frozenset[str]) -> bool:
    """Whether the entry's slice, before or after, holds the function on some flavour."""
    for flavour in entry.flavours or tuple(FLAVOURS):
        for tree in (trees.after, trees.before):
            if function.name in _names(tree, entry, flavour, touched):
                return True
    return False


def _names(tree: Tree, entry: Entry, flavour: str, touched: frozenset[str]) -> frozenset[str]:
    try:
        return slice_of(tree, entry, flavour, touched).names
    except SliceError:
        return frozenset()
