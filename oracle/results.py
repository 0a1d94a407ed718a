# SPDX-License-Identifier: GPL-2.0-or-later
"""What an entry hands back, in words: rows "result 0" and on are numbers that its adapter (oracle/entries/) gathers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from oracle.explain.refine import Row
from oracle.explain.rows import folio_name

# What the results of an entry are (facts.out in its adapter, oracle/entries/); a digest is of no use to anybody.
DIGEST = "*"
_MLOCKED = ("mlock_pte_range", "result 1")  # a bit for each folio
_RESULTS = {
    ("contpte_clear_young_dirty_ptes", 0): "entries still young or dirty",
    ("contpte_test_and_clear_young_ptes", 0): "entries still young",
    ("contpte_clear_flush_young_ptes", 0): "entries still young",
    ("try_collapse_pte_mapped_thp", 0): "the page table (1: still there)",
    ("filemap_map_pages", 0): "mmap_miss of the file",
    ("folio_pte_batch", 0): "merged bits",
    ("folio_pte_batch_flags", 0): "the merged entry",
    ("folio_referenced_one", 0): "how often it was referenced",
    ("folio_referenced_one", 1): "mappings left to look at",
    ("insert_pages", 0): "pages not inserted",
    ("migrate_vma_collect_pmd", 0): "pages collected",
    ("migrate_vma_collect_pmd", 1): f"what it collected{DIGEST}",
    ("mincore_pte_range", 0): "what the walk is to do next",
    ("mincore_pte_range", 1): "bytes of the vector that it filled",
    ("mincore_pte_range", 2): f"what it says of the pages{DIGEST}",
    ("mlock_pte_range", 0): "what the walk is to do next",
    ("queue_folios_pte_range", 0): "folios that could not be queued",
    ("queue_folios_pte_range", 1): "what the walk is to do next",
    ("walk_pte_range", 0): "entries counted",
    ("walk_pte_range", 1): "young entries counted",
    ("zap_pte_range", 0): "page tables freed",
}  # fmt: skip


def shown(entry: str, label: str, text: str) -> tuple[str, str]:
    """A row of a table for people: results with what they are, mlocked folios by their names."""
    if (entry, label) == _MLOCKED and text.isdigit():
        bits = int(text)
        folios = [folio_name(n) for n in range(bits.bit_length()) if bits >> n & 1]
        return f"{label} (mlocked)", ", ".join(f"folio {name}" for name in folios) or "none"
    what = result(entry, label) if label.startswith("result ") else ""
    return (f"{label} ({what.removesuffix(DIGEST)})" if what else label), text


def spoken(entry: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows for people: results by what they are."""
    return tuple(said for row in rows for said in _spoken(entry, row))


def _spoken(entry: str, row: Row) -> Iterator[Row]:
    if (entry, row.label) == _MLOCKED:
        right, real = int(row.reference or 0), int(row.real or 0)
        for folio in range(max(right.bit_length(), real.bit_length())):
            if (right ^ real) >> folio & 1:
                was, now = ("mlocked" if bits >> folio & 1 else "not mlocked" for bits in (right, real))
                yield Row(f"folio {folio_name(folio)}", was, now, row.why)
    else:
        yield row


def result(entry: str, label: str) -> str:
    """What a result is: "pages not inserted"; ends in DIGEST where its value tells nothing; "" when nobody said."""
    match = re.fullmatch(r"result (\d)", label)
    if match is None:
        return f"the calls that it makes{DIGEST}" if label == "stub calls" else ""
    # Where an adapter was made from a signature, or a table gathers flags, only the number is there.
    return _RESULTS.get((entry, int(match[1])), f"what it hands back{DIGEST}")
