# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a state that real code left refines the one that the reference leaves, row by row.

Rows that are equal say nothing. Of the others these are allowed, and each is counted by its name, never hidden (the
names are those of W_ALLOWANCES in world/wire.h, beside the differences that the world tells them by):

- merged: dirty, young or soft-dirty of an entry whose neighbour of the same folio has it. A batch is cleared as one
  and written back with the bits of all (get_and_clear_full_ptes(), include/linux/pgtable.h), and so is a contpte
  block that is folded or unfolded (contpte_convert(), arch/arm64/mm/contpte.c). x86's pte_mkdirty() sets soft-dirty.
- follows-merge: write that a protection change gives to an entry since it became dirty or soft-dirty so: in a shared
  mapping it is dirty now, in a private one its page is exclusive (can_change_pte_writable(), mm/mprotect.c). Nobody
  misses a write so: the entry says already that there was one.
- merged-write: write in the child for entries of a shared folio of which one was writable (FPB_MERGE_WRITE at fork).
- unseen: soft-dirty in a VMA that counts as soft-dirty as a whole (pagemap_pte(), fs/proc/task_mmu.c); fork then
  ignores the bits of a batch but for the first.
- aged-with-its-block: young that ageing took from an entry of a folded contpte block together with another's (C7;
  contpte_clear_young_dirty_ptes(), arch/arm64/mm/contpte.c, rounds to whole blocks: a folio is young or is not).
- dirty-of-its-batch: a folio that is told of a dirty bit which one of its entries has and keeps, as a batch is asked as
  a whole: by ageing (the walk of the multi-generational LRU; walk_pte_range(), mm/vmscan.c), and by an unmap that finds
  a lazyfree folio dirty or referenced and puts the batch back (try_to_unmap_one(), mm/rmap.c).
- around: pages that a fault maps, or does not, beside the one that it is for: how many is for each kernel to choose, as
  long as each is one that the next faults would map just so. (This and "kept" are named by oracle/explain/__init__.py.)
- kept: entries that an unmap which gave up had unmapped before, in the reference only (kept.py).
- gone: "partially mapped" of a folio that nothing maps any more; what it held at some time between does not matter.

Anything else is wrong. No tolerance beyond these: fewer write bits are wrong too, as the code compared is the
kernel's own, which has no reason to drop any.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from oracle.reference.table import Vma

Rows = dict[str, str]
_FLAGS = ("rw", "ro", "exec", "dirty", "young", "soft-dirty", "uffd-wp", "protnone", "kernel-only", "exclusive")
_MERGES = frozenset({"dirty", "young", "soft-dirty"})


@dataclass(frozen=True)
class Row:
    """One row that differs. why: the name of what allows it, empty when nothing does."""

    label: str
    reference: str
    real: str
    why: str = ""


def compare(
    reference: Rows, real: Rows, zeros: dict[str, int], vma: Vma, allows: Collection[str] = (), block: int = 16
) -> list[Row]:
    """The rows that differ. zeros: slot of entry 0 by the label of its table. allows: names of above that are right in
    this entry only (calls.allowed()). block: entries of a contpte block. Where the real code left a folded block its
    members are read together."""
    found = []
    aged = aged_blocks(reference, real, zeros, block) if "aged-with-its-block" in allows else set()
    real = read_blocks(real, zeros, block)
    for label in {**reference, **real}:
        one, other = reference.get(label, ""), real.get(label, "")
        if one != other:
            why = _allowed(label, one, other, (reference, real), vma, "follows-merge" in allows)
            if label in aged and one.replace(" young", "") == other:
                why = "aged-with-its-block"
            dirty = "dirty-of-its-batch" in allows and one.replace(" dirty", "") == other.replace(" dirty", "")
            if dirty and told(label, other, reference):
                why = "dirty-of-its-batch"
            found.append(Row(label, one, other, why))
    return found


def told(label: str, real: str, reference: Rows) -> bool:
    """Whether the row is of a folio that is dirty, and that a dirty entry maps."""
    page = f"{label.removeprefix('folio ')}["
    dirty = any("PTE " in at and text.startswith(page) and " dirty" in text for at, text in reference.items())
    return label.startswith("folio ") and " dirty" in real and dirty


def aged_blocks(reference: Rows, real: Rows, zeros: dict[str, int], block: int) -> set[str]:
    """The entries of folded blocks of which the reference leaves at least one old."""
    folded = {label for label, text in real.items() if text.endswith(" cont")}
    old = {_block(label, zeros, block) for label in folded if "young" not in reference.get(label, "").split()}
    return {label for label in folded if _block(label, zeros, block) in old}


def read_blocks(rows: Rows, zeros: dict[str, int], block: int) -> Rows:
    """The rows without "cont": accessed and dirty of a folded block are those of all its members (C3)."""
    blocks: dict[tuple[str, int], set[str]] = {}
    folded = [(label, text.removesuffix(" cont")) for label, text in rows.items() if text.endswith(" cont")]
    for label, text in folded:
        blocks.setdefault(_block(label, zeros, block), set()).update({"dirty", "young"} & set(text.split()))
    return rows | {label: _with(text, blocks[_block(label, zeros, block)]) for label, text in folded}


def _block(label: str, zeros: dict[str, int], block: int) -> tuple[str, int]:
    table, _, entry = label.rpartition(" ")
    return table, (zeros[table] + int(entry)) // block


def _with(text: str, more: set[str]) -> str:
    """The flags in the order that rows have them."""
    place, flags = split(text)
    return " ".join([place, *(f for f in _FLAGS if f in flags | more)])


def _allowed(label: str, one: str, other: str, states: tuple[Rows, Rows], vma: Vma, protects: bool) -> str:
    if label.startswith("folio ") and _gone(label, states[0]) and _gone(label, states[1]):
        return "gone" if one.replace(" partially-mapped", "") == other.replace(" partially-mapped", "") else ""
    if "PTE " not in label:
        return ""
    (place, was), (there, now) = split(one), split(other)
    gained, lost = now - was, was - now
    if place != there or "[" not in place:
        return ""
    if vma.soft_dirty and "soft-dirty" in gained | lost:
        soft = frozenset({"soft-dirty"})
        gained, lost = gained - soft, lost - soft
        if not gained and not lost:
            return "unseen"
    near = _near(place, label, states[0])
    if "rw" in gained and lost == {"ro"}:
        rest = gained - {"rw"}
        if not _merged(rest, near):
            return ""
        if label.startswith("child"):
            return "merged-write" if vma.shared and "rw" in near else ""
        if not protects:
            return ""
        exclusive = states[1].get(f"page {place.split()[0]}", "").endswith("exclusive")
        allows = "dirty" in now if vma.shared else exclusive
        return "follows-merge" if rest & {"dirty", "soft-dirty"} and allows else ""
    return "merged" if gained and not lost and _merged(gained, near) else ""


def _merged(gained: frozenset[str], near: frozenset[str]) -> bool:
    """Soft-dirty may come with dirty, or from a neighbour."""
    return gained <= _MERGES and gained <= near | ({"soft-dirty"} if "dirty" in near else set())


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, frozenset[str]]:
    """What an entry maps, and its flags. Hundreds of rows say the same, and each is asked for its neighbours."""
    words = text.split()
    return " ".join(w for w in words if w not in _FLAGS), frozenset(w for w in words if w in _FLAGS)


def _near(place: str, label: str, reference: Rows) -> frozenset[str]:
    """Flags of any entry of the same folio as the reference leaves it in the same table."""
    folio = place[: place.index("[") + 1]
    table = label[: label.index("PTE ")] + "PTE "
    texts = {text for other, text in reference.items() if text.startswith(folio) and other.startswith(table)}
    return frozenset().union(*(split(text)[1] for text in texts))


def _gone(label: str, rows: Rows) -> bool:
    """Nothing maps any page of the folio: its page rows, if any, say so."""
    name = f"page {label.removeprefix('folio ')}["
    return all("mapcount 0" in text for row, text in rows.items() if row.startswith(name))
