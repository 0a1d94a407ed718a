# SPDX-License-Identifier: GPL-2.0-or-later
"""Batch detection, and the walks that work in batches."""

from __future__ import annotations

from oracle.entries.model import PLAIN, Entry, Reference

_BATCH = ("flags", "max_nr", "from slot")
# Batch detection is its own measure: it has no walker.
BATCHING = (
    Entry("copy_pte_range", ("mm/memory.c",), "copy_pte_range.h", ("child without uffd", "failing call"),
          Reference("ranges:copied", other="child PTE", destination="destination:same_slot"),
          breaks={"WRITE_GAINED": "S7", "EXCLUSIVE": "E3", "SWAP_EXCL_GAINED": "E3", "MARKER": "D8"}),
    Entry("folio_pte_batch", ("mm/util.c", "mm/internal.h"), "folio_pte_batch.h", _BATCH, measured=False,
          calls=((0,), (1,), (2,), (3,)), results=("merged bits",)),
    Entry("folio_pte_batch_flags", ("mm/internal.h",), "folio_pte_batch_flags.h", _BATCH, since="7.2", measured=False,
          calls=((0,), (1,), (2,), (4,), (7,), (8,), (16,), (31,)), results=("the merged entry",)),
    Entry("madvise_free_pte_range", ("mm/madvise.c",), "madvise_free_pte_range.h", ("failing call",),
          Reference("ranges:freed")),
    Entry("move_ptes", ("mm/mremap.c",), "move_ptes.h", ("new slot", "need_rmap_locks"), Reference("ranges:moved"),
          breaks={"SOFT_LOST": "D4"}),
    Entry("swap_pte_batch", ("mm/internal.h",), "swap_pte_batch.h", ("", "max_nr", "from slot"), measured=False),
    Entry("change_pte_range", ("mm/mprotect.c",), "change_pte_range.h", ("purpose", "new protection"),
          Reference("ranges:changed", allows=("follows-merge",)), calls=((0, 0), (0, 1), (1,), (2,), (3,)),
          breaks={"WRITE_GAINED": "E4", "ENTRY": "F6", f"WRITE_GAINED{PLAIN}": "D11"}),
    Entry("zap_pte_range", ("mm/memory.c",), "zap_pte_range.h", ("details",), Reference("ranges:zapped"),
          results=("page tables freed",), breaks={"RETURN": "L7"}),
    Entry("try_to_unmap_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot of the folio", "ttu flags"),
          Reference("walks:unmap_one", allows=("kept",)), part="walk", breaks={"EXCLUSIVE": "E5", "FOLIO_FLAGS": "G8"}),
)  # fmt: skip
