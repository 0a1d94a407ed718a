# SPDX-License-Identifier: GPL-2.0-or-later
"""Other walks of page tables, and of the reverse map."""

from __future__ import annotations

from oracle.entries.model import DIGEST, FOLIOS, Entry, Reference

_NEXT = "what the walk is to do next"
_LOCKED = {"RETURN": "G9", "FOLIO_FLAGS": "G9", "CALLS": "G9"}
WALKS = (
    Entry("break_ksm_pmd_entry", ("mm/ksm.c",), "break_ksm_pmd_entry.h", reference=Reference("looks:unmerge"),
          since="7.2", results=("number of the page that it found",)),
    Entry("folio_referenced_one", ("mm/rmap.c", "mm/vmscan.c"), "folio_referenced_one.h",
          ("slot", "lru state", "mm exits"), Reference("walks:use", untold="walks:untold_use", told=18),
          part="walk", results=("how often it was referenced", "mappings left to look at"), breaks={"RETURN": "S9"},
          system="reclaim"),
    Entry("hmm_vma_walk_pmd", ("mm/hmm.c",), "hmm_vma_walk_pmd.h", ("asked of all", "mask", "asked of each", "owners"),
          Reference("held:numbers", unsaid=("result 0", "result 2"), done=0), calls=((0,), (1,), (2,), (0, 2, 7)),
          beyond=("handle_mm_fault",),
          results=("where it stopped", f"what it says of the pages{DIGEST}", "bits of the caller")),
    Entry("madvise_cold_or_pageout_pte_range", ("mm/madvise.c",), "madvise_cold_or_pageout_pte_range.h",
          ("pageout", "lru state", "failing call"),
          Reference("looks:cold", untold="looks:untold_cold", told=45), system="cold"),
    Entry("mincore_pte_range", ("mm/mincore.c",), "mincore_pte_range.h", ("failing call",),
          Reference("looks:incore", untold="looks:untold_incore", told=30),
          results=(_NEXT, "bytes of the vector that it filled", f"what it says of the pages{DIGEST}"),
          system="mincore"),
    Entry("mlock_pte_range", ("mm/mlock.c",), "mlock_pte_range.h", ("munlock", "lru state", "failing call"),
          Reference("looks:mlock"), results=(_NEXT, f"mlocked{FOLIOS}"), breaks=_LOCKED, system="mlock"),
    Entry("queue_folios_pte_range", ("mm/mempolicy.c",), "queue_folios_pte_range.h",
          ("flags", "nodes", "lru state", "failing call"), Reference("looks:policy"),
          results=("folios that could not be queued", _NEXT), system="nodes"),
    Entry("clean_record_pte", ("mm/mapping_dirty_helpers.c",), "mapping_dirty.h",
          reference=Reference("cleaned:record")),
    Entry("follow_page_pte", ("mm/gup.c",), "follow_page_pte.h", ("foll flags", "inaccessible", "faults"),
          Reference("held:one_by_one"), calls=((1,), (2,), (3,), (5,), (22,)),
          results=("pages that it handed out", f"which pages{DIGEST}", "pins counted")),
    Entry("gup_fast_pte_range", ("mm/gup.c",), "gup_fast_pte_range.h", ("foll flags", "race", "race at", "got before"),
          Reference("held:lockless", untold="held:raced", told=50, unsaid=("result 2",)),
          calls=((0,), (4,), (1,), (5,), (3,), (1, 1)),
          results=("pages that it handed out", f"which pages{DIGEST}", "pins counted")),
    Entry("guard_remove_pte_entry", ("mm/madvise.c",), "guard_remove_pte_entry.h",
          reference=Reference("looks:unguard"), since="7.2", system="advise MADV_GUARD_REMOVE"),
    Entry("page_idle_clear_pte_refs_one", ("mm/page_idle.c",), "page_idle_clear_pte_refs_one.h", ("slot", "lru state"),
          Reference("walks:idle"), part="walk"),
    Entry("page_mkclean_one", ("mm/rmap.c",), "page_mkclean_one.h", ("slot",), Reference("cleaned:shared"), part="walk",
          breaks={"WRITE_GAINED": "S7"}),
    Entry("remove_migration_pte", ("mm/migrate.c",), "remove_migration_pte.h", ("slot", "what"),
          Reference("walks:restore"), part="walk", breaks={"EXCLUSIVE": "E6"}, system="migrate"),
    Entry("swapin_walk_pmd_entry", ("mm/madvise.c",), "swapin_walk_pmd_entry.h", ("failing call",),
          Reference("looks:read_ahead"), system="advise MADV_WILLNEED"),
    Entry("try_to_migrate_one", ("mm/rmap.c",), "try_to_migrate_one.h", ("slot", "ttu flags"),
          Reference("walks:migrate_one"), part="walk", system="migrate away",
          breaks={"ENTRY": "E5", "OTHER_BITS": "F7"}),
    # Of a batch with a young entry all count as young.
    Entry("walk_pte_range", ("mm/vmscan.c",), "walk_pte_range.h", ("node", "lru state", "failing call"),
          Reference("looks:generations", unsaid=("returns", "result 1")),
          results=("entries counted", "young entries counted")),
    Entry("wp_pte", ("mm/mapping_dirty_helpers.c",), "mapping_dirty.h", reference=Reference("cleaned:protect"),
          breaks={"WRITE_GAINED": "S7"}),
)  # fmt: skip
