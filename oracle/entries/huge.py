# SPDX-License-Identifier: GPL-2.0-or-later
"""Collapse and split, userfaultfd, migration to devices, KSM. There is no memory for huge PMDs of larger pages."""

from __future__ import annotations

from dataclasses import replace

from oracle.entries.model import DIGEST, Entry, Reference
from oracle.flavours import SMALL_PAGES

# What tells PMDs apart, for entries that meet others than those of tables.
_PMD = tuple(
    """
    pmd_none pmd_present pmd_leaf pmd_trans_huge pmd_is_huge pmd_is_migration_entry is_pmd_migration_entry
    pmd_is_valid_softleaf is_swap_pmd pmd_same
    """.split()
)
_KHUGEPAGED, _UFFD, _DEVICE, _KSM = ("mm/khugepaged.c",), ("mm/userfaultfd.c",), ("mm/migrate_device.c",), ("mm/ksm.c",)
_COLLAPSE = ("limits", "order", "slot", "failing call")
_COLLAPSE_FILE = ("failing call", "offset", "install PMD", "no table")
_SCAN = ("limits", "swap limit", "", "failing call")
_FOUND = Reference("collapsed:scan", unsaid=("returns", "result 0", "result 1"))  # what it found
_MOVE = ("new slot", "in the way", "swap cache", "mode", "failing call")
# How many pages came over, and what stopped it, is not said.
_MOVED = Reference("relocated:move", untold="relocated:untold", told=30, unsaid=("returns", "result 0"))
_ACROSS = "state:in_two_tables"
_FILL = ("slot", "write-protect", "page", "size of the file", "failing call")
_COLLECT = ("what", "fault", "owner", "failing call", "no table")
OF_HUGE_PAGES = tuple(replace(e, flavours=SMALL_PAGES) for e in (
    Entry("__collapse_huge_page_isolate", _KHUGEPAGED, "collapse_isolate.h", _COLLAPSE,
          Reference("collapsed:isolate", done=1), weight=2, breaks={"FOLIO_FLAGS": "G6"}, system="collapse_part"),
    Entry("__collapse_huge_page_copy", _KHUGEPAGED, "collapse_copy.h", _COLLAPSE, Reference("collapsed:copy", done=1),
          weight=2, system="collapse_part"),
    Entry("collapse_scan_pmd", _KHUGEPAGED, "collapse_scan.h", _SCAN, _FOUND, since="7.2", weight=4,
          system="collapse_anonymous"),
    Entry("hpage_collapse_scan_pmd", _KHUGEPAGED, "collapse_scan.h", _SCAN, _FOUND, until="7.2", weight=4,
          system="collapse_anonymous"),
    Entry("try_collapse_pte_mapped_thp", _KHUGEPAGED, "collapse_file.h", _COLLAPSE_FILE,
          Reference("collapsed:file", unsaid=("returns",)),  # why one is refused
          since="7.2", own=_PMD, weight=10, results=("the page table (1: still there)",), system="collapse"),
    Entry("__split_huge_pmd_locked", ("mm/huge_memory.c",), "split_huge_pmd.h", ("bits", "PMD", "freeze"),
          Reference("huge:split"), measured=False, own=_PMD, weight=10, breaks={"EXCLUSIVE": "E7"}),
    Entry("try_to_unmap_poisoned_hugetlb_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot", "ttu flags"),
          since="7.3", measured=False),
    Entry("move_pages_ptes", _UFFD, "uffd_move.h", _MOVE, _MOVED, since="7.2", destination=_ACROSS,
          system="relocate"),
    Entry("move_pages_pte", _UFFD, "uffd_move.h", _MOVE, _MOVED, until="7.2", destination=_ACROSS,
          system="relocate"),
    Entry("mfill_atomic_install_pte", _UFFD, "mfill.h", _FILL, Reference("filled:page"), part="call",
          breaks={"WP_LOST": "D6"}, system="fill"),
    Entry("mfill_atomic_pte_zeropage", _UFFD, "mfill.h", _FILL, Reference("filled:zeropage"), part="call",
          system="fill_zeroes"),
    Entry("mfill_atomic_pte_poison", _UFFD, "mfill.h", _FILL, Reference("filled:poison"), part="call",
          system="poison"),
    Entry("migrate_vma_collect_pmd", _DEVICE, "migrate_collect.h", _COLLECT, Reference("collected:table"), own=_PMD,
          results=("pages collected", f"what it collected{DIGEST}"), breaks={"ENTRY": "E5"}),
    Entry("migrate_vma_insert_page", _DEVICE, "migrate_insert.h", ("slot", "device", "failing call"),
          Reference("filled:new_page"), measured=False, breaks={"EXCLUSIVE": "L7", "ENTRY": "L7"}),
    Entry("write_protect_page", _KSM, "ksm.h", ("slot", "failing call"),
          Reference("merged:protect", unsaid=("result 1",)), measured=False),
    Entry("replace_page", _KSM, "ksm.h", ("slot", "failing call", "changed"),
          Reference("merged:merge", untold="merged:untold_merge", told=45, unsaid=("result 1",)),  # the entry as bits
          measured=False),
))  # fmt: skip
