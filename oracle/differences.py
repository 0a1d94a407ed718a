# SPDX-License-Identifier: GPL-2.0-or-later
"""The differences between two states that are told apart (W_DIFFS of world/wire.h), a row each: which rule one breaks,
what it comes to, in which rows of a state it shows. The world's C says whether two states differ so; all else is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oracle.rules import Harm


@dataclass(frozen=True)
class Difference:
    """breaks: the rule, where nothing is said of it in the row of the entry (Entry.breaks); "" where it breaks none.
    plain: the one where batches have no part in it, since a rule about batches is then not the one to name. harm: what
    it comes to at worst, as the harm of a rule. mended: what a difference is that a patch mends, seen from the state
    that is right then. kind_of: the one that it is a special case of.

    rows: how the labels of the rows begin in which it shows; "" for those of entries. reads: the observables that it
    speaks of, as of a rule; None for any. how: it only says how the work was cut, and whether blocks are folded. words:
    what any patch may change (W_HARMLESS), for people."""

    name: str
    breaks: str = ""
    plain: str = ""
    harm: Harm = "count"
    mended: str = ""
    kind_of: str = ""
    rows: str = ""
    reads: tuple[str, ...] | None = None
    how: bool = False
    words: str = ""


_TABLE = (
    Difference("ENDING", "X2", harm="crash"),
    Difference("RETURN", "L9", rows="re", reads=("folio mlocked", "result", "returns")),
    Difference("PRESENCE", "L9", harm="lost", reads=("PTE maps",)),
    Difference("PFN", "S2", harm="foreign", reads=("PTE maps",)),
    Difference("WRITE_GAINED", "B5", plain="D11", harm="write", reads=("PTE rw",)),
    Difference("WRITE_LOST", mended="WRITE_GAINED", reads=("PTE rw",), words="write left for a fault to give"),
    Difference("DIRTY_LOST", "S4", harm="lost", reads=("PTE dirty",)),
    Difference("SOFT_LOST", "B6", plain="D5", harm="lost", reads=("PTE soft-dirty",)),
    Difference("WP_LOST", "D5", harm="lost", mended="WP_GAINED", reads=("PTE uffd-wp",)),
    Difference("WP_GAINED", "D8", harm="lost", mended="WP_LOST", reads=("PTE uffd-wp",)),
    Difference("YOUNG", mended="ACCESSED_LOST", reads=("PTE young",), words="accessed bits"),
    Difference("PROTNONE", "D10", reads=("PTE protnone",)),
    Difference("SWAP_EXCL_LOST", "F3", mended="SWAP_EXCL_GAINED", reads=("PTE exclusive",)),
    Difference("SWAP_EXCL_GAINED", "E5", harm="write", mended="SWAP_EXCL_LOST", reads=("PTE exclusive",)),
    Difference("ENTRY", "F1", plain="F5", harm="lost", reads=("PTE maps",)),
    Difference("MARKER", "D7", harm="lost", reads=("PTE maps",)),
    Difference("OTHER_BITS", "S11", reads=("PTE",)),
    Difference("EXCLUSIVE", "B12", plain="E5", rows="page", reads=("page exclusive",)),
    Difference("MAPCOUNT", "G1", rows="page", reads=("page mapcount",)),
    Difference("REFCOUNT", "G3", rows="folio", reads=("folio refs",)),
    Difference("FOLIO_DIRTY_LOST", "D1", harm="lost", rows="folio", reads=("folio dirty",)),
    Difference("FOLIO_FLAGS", "G5", rows="folio", reads=("folio",)),
    Difference("RSS", "G4", rows="rss", reads=("rss",)),
    Difference("SWAP_COUNT", "F4", rows="swap", reads=("swap",)),
    Difference("CALLS", "X1", reads=("stub",), how=True),
    Difference("NOTIFIER", "L10", harm="stale", reads=()),
    Difference("DIRTY_GAINED", mended="DIRTY_LOST", reads=("PTE dirty",), words="dirty set without need"),
    Difference("SOFT_GAINED", mended="SOFT_LOST", reads=("PTE soft-dirty",), words="soft-dirty set without need"),
    Difference("CONT", reads=("PTE cont",), how=True, words="which contpte blocks are folded"),
    Difference("WRITE_MERGED", "B5", harm="write", reads=("PTE rw",)),
    Difference("SOFT_UNSEEN", how=True, words="soft-dirty bits that nobody can see"),
    Difference("KEPT", words="how far an unmap that gave up had come"),
    Difference("MAPPED", "L3", harm="crash", reads=()),
    Difference("WRITE_GRANTED", kind_of="WRITE_GAINED", reads=("PTE rw",)),
    Difference("EXTENT", "L9", words="how much a fault maps around its entry"),
    Difference("ACCESSED_LOST", "D2"),
    Difference("ORDER_LOST", "X6", reads=(), how=True),
    Difference("ORDER_GAINED", how=True, words="barriers that were not there"),
    Difference("EXEC_GAINED", "S11", harm="write", reads=("PTE exec",)),
    Difference("FOLIO_DIRTY_GAINED", mended="FOLIO_DIRTY_LOST", reads=("folio dirty",),
               words="a folio that is told of dirt without need"),
    # A fault that finds nothing to do comes again at once.
    Difference("KERNEL_ONLY", "D10", harm="crash", reads=("PTE kernel-only", "PTE protnone")),
)  # fmt: skip
DIFFERENCES: Mapping[str, Difference] = MappingProxyType({row.name: row for row in _TABLE})
