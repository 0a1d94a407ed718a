# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks of /proc, which tell of page tables and forget what was used or written."""

from __future__ import annotations

from oracle.entries.model import DIGEST, Entry, Reference

_TASK_MMU = ("fs/proc/task_mmu.c",)
_NEXT = "what the walk is to do next"
_TOLD = {"RETURN": "L12"}
REPORTS = (
    Entry("clear_refs_pte_range", _TASK_MMU, "clear_refs_pte_range.h", ("soft-dirty", "lru state", "failing call"),
          Reference("reports:forget"), calls=((), (1,)), results=(_NEXT,), system="clear_refs"),
    Entry("pagemap_pmd_range", _TASK_MMU, "pagemap_pmd_range.h", ("without pfns, shared", "failing call"),
          Reference("reports:words"), results=("words", f"what the words say{DIGEST}", _NEXT), breaks=_TOLD,
          system="pagemap"),
    Entry("pagemap_scan_pmd_entry", _TASK_MMU, "pagemap_scan_pmd_entry.h",
          ("how", "categories", "room", "failing call"), Reference("reports:regions"), calls=((), (1,), (5,), (3,)),
          results=("pages told of", f"the regions{DIGEST}", _NEXT), breaks=_TOLD, system="scan"),
    Entry("smaps_pte_range", _TASK_MMU, "smaps_pte_range.h", ("locked, shared", "lru state", "failing call"),
          Reference("reports:sizes"), results=("resident pages", "swapped pages", f"all it counts{DIGEST}", _NEXT),
          breaks=_TOLD),
)  # fmt: skip
