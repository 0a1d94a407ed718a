# SPDX-License-Identifier: GPL-2.0-or-later
"""Which observables each rule reads, and each difference between two states speaks of."""

from __future__ import annotations

from collections.abc import Mapping


def _by_name(lists: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Lists of names by facet the other way round; what is listed under "" has none."""
    found: dict[str, frozenset[str]] = {}
    for facet, members in lists.items():
        for name in members.split():
            found[name] = found.get(name, frozenset()) | ({facet} if facet else set())
    return found


# Which rules read what, as observed.facets() names it: "PTE rw" is the write bit of an entry, "PTE maps" what it maps
# or holds, "rss" any of those counters. Under "" those of which no row tells; rules that are not here may show in any
# row.
READS = _by_name({
    "": "C9 G10 L1 L2 L3 L4 L5 L6 L10 L11 T1 T2 T3 T4 T5 T6 T7 T8 T10 X5",
    "PTE": "S5 S11 C8 G8",
    "PTE cont": "C1 C2 C4",
    "PTE dirty": "B7 B10 S4 S6 S8 C3 C7 D3 F7",
    "PTE exclusive": "E3 E5 F3",
    "PTE maps": "B2 B12 S1 S2 S3 S4 S12 S15 D7 D8 E5 F1 F2 F6 L9",
    "PTE protnone": "D10",
    "PTE rw": "B5 B8 S7 S8 C6 D6 D11 E1 E2 E3 E4",
    "PTE soft-dirty": "B6 D4 D5 F3 F6",
    "PTE uffd-wp": "D5 D6 D8 F3 F6",
    "PTE young": "B10 S4 S8 C3 C7 D2 F7",
    "folio dirty": "B10 S4 S6 D1 G8 T9",
    "folio lazyfree": "G8",
    "folio mlocked": "G9",
    "folio partially-mapped": "G2 G5",
    "folio refs": "G3 G7",
    "page exclusive": "B12 E1 E2 E3 E4 E5 E6 E7",
    "page mapcount": "E6 G1 G2 G7",
    "result": "S9 C10 L9",
    "returns": "B13 S9 F1 F2 L9",
    "rss": "G4 G7",
    "rss swap": "F4",
    "swap": "F4",
})  # fmt: skip
# The same of differences (wire.h).
DIFFERS = _by_name({
    "": "NOTIFIER MAPPED ORDER_LOST",
    "PTE": "OTHER_BITS",
    "PTE cont": "CONT",
    "PTE dirty": "DIRTY_LOST DIRTY_GAINED",
    "PTE exclusive": "SWAP_EXCL_LOST SWAP_EXCL_GAINED",
    "PTE exec": "EXEC_GAINED",
    "PTE maps": "PRESENCE PFN ENTRY MARKER",
    "PTE protnone": "PROTNONE",
    "PTE rw": "WRITE_GAINED WRITE_GRANTED WRITE_LOST WRITE_MERGED",
    "PTE soft-dirty": "SOFT_LOST SOFT_GAINED",
    "PTE uffd-wp": "WP_LOST WP_GAINED",
    "PTE young": "YOUNG",
    "folio": "FOLIO_FLAGS",
    "folio dirty": "FOLIO_DIRTY_LOST FOLIO_DIRTY_GAINED",
    "folio mlocked": "RETURN",
    "folio refs": "REFCOUNT",
    "page exclusive": "EXCLUSIVE",
    "page mapcount": "MAPCOUNT",
    "result": "RETURN",
    "returns": "RETURN",
    "rss": "RSS",
    "stub": "CALLS",
    "swap": "SWAP_COUNT",
})  # fmt: skip
