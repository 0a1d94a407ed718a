# SPDX-License-Identifier: GPL-2.0-or-later
"""Batch detection, the walks that work in batches, and arm64's operations on contpte blocks."""

from __future__ import annotations

from dataclasses import replace

from oracle.entries.model import PLAIN, Entry, Reference
from oracle.flavours import of_arch

_BATCH = ("flags", "max_nr", "from slot")
# Batch detection is its own measure: it has no walker.
BATCHING = (
    Entry("copy_pte_range", ("mm/memory.c",), "copy_pte_range.h", ("child without uffd", "failing call"),
          Reference("ranges:copied"), destination="state:same_slot",
          breaks={"WRITE_GAINED": "S7", "EXCLUSIVE": "E3", "SWAP_EXCL_GAINED": "E3", "MARKER": "D8"}, system="fork"),
    Entry("folio_pte_batch", ("mm/util.c", "mm/internal.h"), "folio_pte_batch.h", _BATCH, measured=False,
          calls=((0,), (1,), (2,), (3,)), results=("merged bits",)),
    Entry("folio_pte_batch_flags", ("mm/internal.h",), "folio_pte_batch_flags.h", _BATCH, since="7.2", measured=False,
          calls=((0,), (1,), (2,), (4,), (7,), (8,), (16,), (31,)), results=("the merged entry",)),
    Entry("madvise_free_pte_range", ("mm/madvise.c",), "madvise_free_pte_range.h", ("failing call",),
          Reference("ranges:freed"), system="advise MADV_FREE"),
    Entry("move_ptes", ("mm/mremap.c",), "move_ptes.h", ("new slot", "need_rmap_locks"), Reference("ranges:moved"),
          destination="state:in_one_table", breaks={"SOFT_LOST": "D4"}, system="mremap"),
    Entry("swap_pte_batch", ("mm/internal.h",), "swap_pte_batch.h", ("", "max_nr", "from slot"), measured=False),
    Entry("change_pte_range", ("mm/mprotect.c",), "change_pte_range.h", ("purpose", "new protection"),
          Reference("ranges:changed"), calls=((0, 0), (0, 1), (1,), (2,), (3,)),
          breaks={"WRITE_GAINED": "E4", "ENTRY": "F6", f"WRITE_GAINED{PLAIN}": "D11"}, system="mprotect"),
    Entry("zap_pte_range", ("mm/memory.c",), "zap_pte_range.h", ("details",), Reference("ranges:zapped"),
          results=("page tables freed",), breaks={"RETURN": "L7"}, system="unmap"),
    Entry("try_to_unmap_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot of the folio", "ttu flags"),
          Reference("walks:unmap_one", allows=("kept", "dirty-of-its-batch")), part="walk",
          breaks={"EXCLUSIVE": "E5", "FOLIO_FLAGS": "G8"}, system="reclaim"),
)  # fmt: skip

# Compared with plain ones: they have no walker.
_TELLS = {"RETURN": "S9"}


def _contpte(name: str) -> Entry:
    options = ("slot", "length", "flags", "new slot", "race")
    return Entry(
        name, ("arch/arm64/mm/contpte.c",), "contpte.h", options, flavours=of_arch("arm64"), measured=False
    )  # fmt: skip


CONTPTE = (
    _contpte("contpte_set_ptes"),
    _contpte("contpte_clear_full_ptes"),
    _contpte("contpte_get_and_clear_full_ptes"),
    replace(_contpte("contpte_wrprotect_ptes"), breaks={"WRITE_GAINED": "C6"}),
    _contpte("contpte_ptep_set_access_flags"),
    replace(_contpte("contpte_clear_young_dirty_ptes"), results=("entries still young or dirty",)),
    _contpte("contpte_ptep_get"),
    _contpte("contpte_ptep_get_lockless"),
    replace(
        _contpte("contpte_test_and_clear_young_ptes"), since="7.2", results=("entries still young",), breaks=_TELLS
    ),
    replace(_contpte("contpte_clear_flush_young_ptes"), since="7.2", results=("entries still young",), breaks=_TELLS),
    replace(_contpte("contpte_ptep_test_and_clear_young"), until="7.2", breaks=_TELLS),
    replace(_contpte("contpte_ptep_clear_flush_young"), until="7.2", breaks=_TELLS),
    _contpte("__contpte_try_fold"),
    _contpte("__contpte_try_unfold"),
)
