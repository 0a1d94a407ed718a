# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the differences between kernels a tree has, told from its text."""

from __future__ import annotations

from collections.abc import Callable

from oracle.flavours import Flavour
from oracle.reference.walkers.kernel import Kernel


def kernel_of(read: Callable[[str], bytes | None], flavour: Flavour) -> Kernel:
    """The kernel that a tree is. read: a file of the tree by its path, None when there is none."""

    def says(path: str, text: str) -> bool:
        return text.encode() in (read(path) or b"")

    x86 = flavour.arch == "x86"
    return Kernel(
        slots=1 << flavour.page_shift - 3,  # a page of eight-byte entries
        block=flavour.cont_ptes,
        soft_dirty=x86 or says("arch/arm64/include/asm/pgtable.h", "pte_mksoft_dirty"),
        dirty_is_soft=x86,
        guard=says("include/linux/swapops.h", "PTE_MARKER_GUARD"),
        device_mapped=not says("include/linux/swap.h", "SWP_DEVICE_EXCLUSIVE_WRITE"),
        frees_tables=says("mm/memory.c", "reclaim_pt"),
        numa_skips_pins=says("mm/mprotect.c", "folio_can_map_prot_numa"),
        maps_whole_files=not says("mm/memory.c", "!vma_is_anon_shmem(vma) || unlikely(userfaultfd_armed(vma))"),
        prefaults_old=not x86,
        faults_age=not x86,
        mbind_counts_runs=says("mm/mempolicy.c", "nr_failed += nr"),
        collapses_any_order=says("mm/khugepaged.c", "collapse_max_ptes_none"),
        collapse_skips_lazyfree=says("mm/khugepaged.c", "SCAN_PAGE_LAZYFREE"),
        collapse_wants_write=says("mm/khugepaged.c", "SCAN_PAGE_RO"),
        faults_keep_dirty=says("mm/memory.c", "pte_write(entry) && folio_test_dirty(folio)"),
        frees_swap_first=says("mm/memory.c", "should_try_to_free_swap(struct folio *folio,"),
        frees_swap_if_exclusive=says("mm/memory.c", "(fault_flags & FAULT_FLAG_WRITE) && exclusive"),
        counts_small_locked=says("mm/rmap.c", "ptes != pvmw.nr_pages"),
        migration_ages=says("include/linux/swapops.h", "SWP_MIG_YOUNG"),
        inserts_writable=read("include/linux/pfn_t.h") is None,
        swap_map_has_cache=says("include/linux/swap.h", "SWAP_HAS_CACHE"),
        large_device=says("mm/migrate_device.c", "migrate_vma_split_folio"),
        ages_by_generation=not says("mm/vmscan.c", "walk->can_swap"),
        reuses_large=says("mm/memory.c", "__wp_can_reuse_large_anon_folio"),
        written_where_asked=says("fs/proc/task_mmu.c", "categories |= PAGE_IS_ACCESSED"),
        lazyfree_extra_ref_is_dirty=not says("mm/rmap.c", "ref_count != 1 + map_count"),
    )
