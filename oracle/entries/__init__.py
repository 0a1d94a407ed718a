# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions that can be called on a scenario: what each is named, where it lies, which adapter calls it.

An adapter is a few lines of C in this folder that turn the scenario's range and options into arguments, and
do what the function's caller does around it (locks held, TLB flushed after). One adapter can serve several
entries: W_ENTRY_<name> is defined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from oracle.flavours import SMALL_PAGES, of_arch


@dataclass(frozen=True)
class Entry:
    """name: the kernel function. files: where it may lie, newest kernel first; then those of which it is to exercise
    functions as well. adapter: file beside this one. options: names of the scenario's options by number, for people.
    flavours: empty for all. measured: whether cost is compared (not for the primitives themselves). part: what a call
    is to the user where it works on a part of the range: cost is that of all the calls that the range takes. own: names
    of the world for which the tree's own code is run. weight: how many times dearer than others a scenario is. calls:
    the options with which all small tables are tried, those that are not named 0; none: they are not."""

    name: str
    files: tuple[str, ...]
    adapter: str
    options: tuple[str, ...] = ()
    flavours: tuple[str, ...] = ()
    measured: bool = True
    part: Literal["", "fault", "walk", "call"] = ""
    own: tuple[str, ...] = ()
    weight: int = 1
    calls: tuple[tuple[int, ...], ...] = ((),)


# The option of entries that say themselves which call fails; of the others the scenario says it (Scenario.fails).
OWN_FAILING = "failing call"
_BATCH = ("flags", "max_nr", "from slot")
_CONTPTE = """
    contpte_set_ptes contpte_clear_full_ptes contpte_get_and_clear_full_ptes contpte_wrprotect_ptes
    contpte_ptep_set_access_flags contpte_clear_young_dirty_ptes contpte_ptep_get contpte_ptep_get_lockless
    contpte_test_and_clear_young_ptes contpte_clear_flush_young_ptes contpte_ptep_test_and_clear_young
    contpte_ptep_clear_flush_young __contpte_try_fold __contpte_try_unfold
""".split()


def _contpte(name: str) -> Entry:
    options = ("slot", "length", "flags", "new slot", "race")
    return Entry(name, ("arch/arm64/mm/contpte.c",), "contpte.h", options, of_arch("arm64"), measured=False)


_RMAP = (
    Entry("folio_referenced_one", ("mm/rmap.c", "mm/vmscan.c"), "folio_referenced_one.h",
          ("slot", "lru state", "mm exits"), part="walk"),
    Entry("madvise_cold_or_pageout_pte_range", ("mm/madvise.c",), "madvise_cold_or_pageout_pte_range.h",
          ("pageout", "lru state", "failing call")),
    Entry("mincore_pte_range", ("mm/mincore.c",), "mincore_pte_range.h", ("failing call",)),
    Entry("mlock_pte_range", ("mm/mlock.c",), "mlock_pte_range.h", ("munlock", "lru state", "failing call")),
    Entry("queue_folios_pte_range", ("mm/mempolicy.c",), "queue_folios_pte_range.h",
          ("flags", "nodes", "lru state", "failing call")),
    Entry("clean_record_pte", ("mm/mapping_dirty_helpers.c",), "mapping_dirty.h"),
    Entry("guard_remove_pte_entry", ("mm/madvise.c",), "guard_remove_pte_entry.h"),
    Entry("page_idle_clear_pte_refs_one", ("mm/page_idle.c",), "page_idle_clear_pte_refs_one.h", ("slot", "lru state"),
          part="walk"),
    Entry("page_mkclean_one", ("mm/rmap.c",), "page_mkclean_one.h", ("slot",), part="walk"),
    Entry("remove_migration_pte", ("mm/migrate.c",), "remove_migration_pte.h", ("slot", "what"), part="walk"),
    Entry("swapin_walk_pmd_entry", ("mm/madvise.c",), "swapin_walk_pmd_entry.h", ("failing call",)),
    Entry("try_to_migrate_one", ("mm/rmap.c",), "try_to_migrate_one.h", ("slot", "ttu flags"), part="walk"),
    Entry("walk_pte_range", ("mm/vmscan.c",), "walk_pte_range.h", ("node", "lru state", "failing call")),
    Entry("wp_pte", ("mm/mapping_dirty_helpers.c",), "mapping_dirty.h"),
)  # fmt: skip
# Collapse, split, userfaultfd, migration to devices, KSM. First what tells PMDs apart, for entries that meet others
# than those of tables. There is no memory for huge PMDs of larger pages.
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
_MOVE = ("new slot", "in the way", "swap cache", "mode", "failing call")
_FILL = ("slot", "write-protect", "page", "size of the file", "failing call")
_COLLECT = ("what", "fault", "owner", "failing call", "no table")
_OF_HUGE_PAGES = tuple(replace(e, flavours=SMALL_PAGES) for e in (
    Entry("__collapse_huge_page_isolate", _KHUGEPAGED, "collapse_isolate.h", _COLLAPSE, weight=2),
    Entry("__collapse_huge_page_copy", _KHUGEPAGED, "collapse_copy.h", _COLLAPSE, weight=2),
    Entry("collapse_scan_pmd", _KHUGEPAGED, "collapse_scan.h", _SCAN, weight=4),
    Entry("hpage_collapse_scan_pmd", _KHUGEPAGED, "collapse_scan.h", _SCAN, weight=4),
    Entry("try_collapse_pte_mapped_thp", _KHUGEPAGED, "collapse_file.h", _COLLAPSE_FILE, own=_PMD, weight=10),
    Entry("__split_huge_pmd_locked", ("mm/huge_memory.c",), "split_huge_pmd.h", ("bits", "PMD", "freeze"),
          measured=False, own=_PMD, weight=10),
    Entry("try_to_unmap_poisoned_hugetlb_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot", "ttu flags"),
          measured=False),
    Entry("move_pages_ptes", _UFFD, "uffd_move.h", _MOVE),
    Entry("move_pages_pte", _UFFD, "uffd_move.h", _MOVE),
    Entry("mfill_atomic_install_pte", _UFFD, "mfill.h", _FILL, part="call"),
    Entry("mfill_atomic_pte_zeropage", _UFFD, "mfill.h", _FILL, part="call"),
    Entry("mfill_atomic_pte_poison", _UFFD, "mfill.h", _FILL, part="call"),
    Entry("migrate_vma_collect_pmd", _DEVICE, "migrate_collect.h", _COLLECT, own=_PMD),
    Entry("migrate_vma_insert_page", _DEVICE, "migrate_insert.h", ("slot", "device", "failing call"), measured=False),
    Entry("write_protect_page", _KSM, "ksm.h", ("slot", "failing call"), measured=False),
    Entry("replace_page", _KSM, "ksm.h", ("slot", "failing call", "changed"), measured=False),
))  # fmt: skip
_FAULT = ("slot", "how", "failing call", "odd folio", "file system", "race")


def _fault(name: str) -> Entry:
    return Entry(name, ("mm/memory.c",), "do_fault_of.h", _FAULT, part="fault")


def _insert(name: str) -> Entry:
    return Entry(name, ("mm/memory.c",), "insert_pages.h", ("slot", "how", "failing call"), part="call")


# Those that lead to little come first: what a helper is run through are the first few that reach it.
_FAULTS = (
    Entry("finish_fault", ("mm/memory.c",), "finish_fault.h", ("slot", "file size", "how", "failing call"),
          part="fault"),
    Entry("do_fault", ("mm/memory.c",), "do_fault.h",
          ("slot", "file size", "how", "failing call", "file system", "race", "odd folio", "pages around"),
          part="fault"),
    Entry("filemap_map_pages", ("mm/filemap.c", "mm/memory.c"), "filemap_map_pages.h",
          ("slot", "file size", "pages around", "how", "odd folio", "failing call"), part="fault"),
    *map(_insert, ("insert_pages", "insert_page", "insert_pfn", "remap_pte_range")),
    *map(_fault, ("do_anonymous_page", "do_numa_page", "do_wp_page", "do_swap_page", "handle_pte_fault")),
    Entry("unuse_pte", ("mm/swapfile.c",), "unuse_pte.h", ("slot", "", "failing call", "odd folio"), measured=False),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = (
    Entry("copy_pte_range", ("mm/memory.c",), "copy_pte_range.h", ("child without uffd", "failing call")),
    Entry(
        "folio_pte_batch",
        ("mm/util.c", "mm/internal.h"),
        "folio_pte_batch.h",
        _BATCH,
        measured=False,
        calls=((0,), (1,), (2,), (3,)),
    ),
    Entry(
        "folio_pte_batch_flags",
        ("mm/internal.h",),
        "folio_pte_batch_flags.h",
        _BATCH,
        measured=False,
        calls=((0,), (1,), (2,), (4,), (7,), (8,), (16,), (31,)),
    ),
    Entry("madvise_free_pte_range", ("mm/madvise.c",), "madvise_free_pte_range.h", ("failing call",)),
    Entry("move_ptes", ("mm/mremap.c",), "move_ptes.h", ("new slot", "need_rmap_locks")),
    Entry("swap_pte_batch", ("mm/internal.h",), "swap_pte_batch.h", ("", "max_nr", "from slot"), measured=False),
    Entry(
        "change_pte_range",
        ("mm/mprotect.c",),
        "change_pte_range.h",
        ("purpose", "new protection"),
        calls=((0, 0), (0, 1), (1,), (2,), (3,)),
    ),
    Entry("zap_pte_range", ("mm/memory.c",), "zap_pte_range.h", ("details",)),
    Entry("try_to_unmap_one", ("mm/rmap.c",), "try_to_unmap_one.h", ("slot of the folio", "ttu flags"), part="walk"),
    *map(_contpte, _CONTPTE),
    *_RMAP,
    *_OF_HUGE_PAGES,
    *_FAULTS,
)


GENERIC = "generic.h"  # beside the adapter that is made from the function's signature


def generic(name: str, file: str) -> Entry:
    """An entry for a function that has no adapter here; files below arch/ are those of one architecture."""
    flavours = {"arm64": ("arm64-4k",), "x86": ("x86-64",)}.get(
        file.split("/")[1] if file.startswith("arch/") else "", ()
    )
    return Entry(name, (file,), GENERIC, ("slot", "length"), flavours, measured=False, calls=())


def entry(name: str) -> Entry | None:
    """The entry of that function name."""
    return next((e for e in ENTRIES if e.name == name), None)
