# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks of /proc, which tell of page tables and forget what was used or written."""

from __future__ import annotations

from oracle.entries.model import Entry, Reference

_TASK_MMU = ("fs/proc/task_mmu.c",)
_NEXT = "what the walk is to do next"
REPORTS = (
    Entry("clear_refs_pte_range", _TASK_MMU, "clear_refs_pte_range.h", ("soft-dirty", "lru state", "failing call"),
          Reference("reports:forget"), calls=((), (1,)), results=(_NEXT,)),
)  # fmt: skip
