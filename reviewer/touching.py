"""Which functions of a tree touch PTEs, and which of them batch.

A function touches PTEs when it can reach an entry of a last-level page table: it names a pointer to pte_t, or
follows the pte member of a fault or of a page_vma_mapped_walk. What only computes on a pte_t value does not. Looked
for in mm/ and in the headers and contpte code beneath it, as each flavour compiles them; left out are the files
whose tables are others: hugetlb's, the kernel's own memory map, and the self-tests.

It batches when it takes, or calls something that takes, a pointer to a PTE and the number of entries from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oracle.flavours import DEFAULT, FLAVOURS
from reviewer.csource import Item
from reviewer.model import Tree
from reviewer.slicing.index import read_alone
from reviewer.slicing.world import world

_APART = frozenset(
    f"mm/{name}.c" for name in ("hugetlb", "hugetlb_vmemmap", "sparse-vmemmap", "debug_vm_pgtable", "ptdump")
)
_HEADERS = ("include/linux/pgtable.h", "mm/internal.h", "mm/util.c")
_NOISE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_POINTER = re.compile(r"\bpte_t\s*\*|\b(?:vmf|pvmw)\s*(?:->|\.)\s*pte\b")
_PRIMITIVE = re.compile(r"\bpte_t\s*\*.*\bint\s+(?:max_)?nr\w*", re.DOTALL)
_CALL = re.compile(r"\b(\w+)\s*\(")


@dataclass(frozen=True)
class Touching:
    """A function that touches PTEs. flavours: those that compile it."""

    name: str
    file: str
    batches: bool
    flavours: tuple[str, ...]


def touching(tree: Tree) -> tuple[Touching, ...]:
    """The functions of a tree that touch PTEs, by file and line."""
    shared = {f: functions_of(tree, _HEADERS, f) for f in DEFAULT}
    found: dict[tuple[str, str], Touching] = {}
    for path in _files(tree):
        for flavour in compiling(path):
            own = functions_of(tree, (path,), flavour)
            counted = {i.name for i in [*shared[flavour], *own] if _PRIMITIVE.search(_NOISE.sub(" ", i.signature))}
            for item in own:
                text = _NOISE.sub(" ", item.text)
                if _POINTER.search(text) is None:
                    continue
                batches = item.name in counted or not counted.isdisjoint(_CALL.findall(text))
                known = found.get((item.name, path))
                flavours = (*known.flavours, flavour) if known is not None else (flavour,)
                batches |= known is not None and known.batches
                found[item.name, path] = Touching(item.name, path, batches, flavours)
    return tuple(found.values())


def _files(tree: Tree) -> list[str]:
    """mm/, then what lies beneath it; of an architecture only where it has contpte blocks."""
    cont = dict.fromkeys(f.arch for f in FLAVOURS.values() if f.cont_ptes > 1)
    arch = [f"arch/{a}/{path}" for a in cont for path in ("mm/contpte.c", "include/asm/pgtable.h")]
    sources = [path for path in tree.list("mm") if path.endswith(".c") and path not in _APART]
    return [*sources, "mm/internal.h", *arch, "include/linux/pgtable.h"]


def compiling(path: str) -> list[str]:
    """The flavours, of those that are always run, that compile a file at all."""
    parts = path.split("/")
    return [name for name in DEFAULT if parts[0] != "arch" or parts[1] == FLAVOURS[name].arch]


def functions_of(tree: Tree, paths: tuple[str, ...], flavour: str) -> list[Item]:
    """The functions of these files as a flavour compiles them."""
    found = []
    for path in paths:
        if b"pte" not in (tree.read(path) or b""):
            continue
        here = read_alone(tree, path, FLAVOURS[flavour], world().macros)
        found += [item for item, _ in here.items if item.kind == "function"] if here is not None else []
    return found
