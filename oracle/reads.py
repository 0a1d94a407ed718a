# SPDX-License-Identifier: GPL-2.0-or-later
"""Which observables each rule reads, and each difference between two states speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from oracle.rules import RULES


def _by_name(lists: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Lists of names by facet the other way round; what is listed under "" has none."""
    found: dict[str, frozenset[str]] = {}
    for facet, members in lists.items():
        for name in members.split():
            found[name] = found.get(name, frozenset()) | ({facet} if facet else set())
    return found


# Rules by the table (rules.toml); one that is not here may show in any row.
READS = {rule.id: rule.reads for rule in RULES.values() if rule.reads is not None}
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
