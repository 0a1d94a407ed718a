# SPDX-License-Identifier: GPL-2.0-or-later
"""DAMON: pages are sampled for accesses, by address or by folio."""

from __future__ import annotations

from oracle.entries.model import Entry, Reference

# Before 6.17 the reverse-map walks were in paddr.c.
_VADDR, _OPS = ("mm/damon/vaddr.c", "mm/damon/ops-common.c"), ("mm/damon/ops-common.c", "mm/damon/paddr.c")
_SAMPLE, _FOLIO = ("page", "lru state", "failing call"), ("slot", "lru state")
DAMON = (
    Entry("damon_mkold_pmd_entry", _VADDR, "damon_mkold_pmd_entry.h", _SAMPLE,
          Reference("damon:make_old"),
          measured=False, calls=((), (1,))),
    Entry("damon_young_pmd_entry", _VADDR, "damon_young_pmd_entry.h", _SAMPLE,
          Reference("damon:asked", untold="damon:untold"), measured=False, calls=((), (1,)),
          results=("whether it was used",), breaks={"RETURN": "S9"}),
    Entry("damon_folio_mkold_one", _OPS, "damon_folio_mkold_one.h", _FOLIO,
          Reference("damon:make_folio_old"), part="walk"),
    Entry("damon_folio_young_one", _OPS, "damon_folio_young_one.h", _FOLIO,
          Reference("damon:asked_folio"), measured=False,
          results=("whether it was used",), breaks={"RETURN": "S9"}),
)  # fmt: skip
