/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names around a page fault: what it may meet, and whom it tells. Semantics: mm/memory.c, include/linux/mm.h. */
#ifndef W_K_FAULT_H
#define W_K_FAULT_H

/* How far around the address a read fault may map, fault_around_bytes in debugfs. */
#define fault_around_pages W.around

#define flush_icache_pages(vma, page, nr) ((void)(page))
/* The OOM reaper may have torn the mm down, include/linux/oom.h. */
#define W_MM_REAPED (1UL << 63)	/* of mm->flags: the OOM killer has been at it (MMF_UNSTABLE) */
#define check_stable_address_space(mm) ((mm)->flags & W_MM_REAPED || w_may_fail() ? VM_FAULT_SIGBUS : 0)
#define pmd_install(mm, pmd, pte) ((void)(pte))
#define vmf_anon_prepare(vmf) ((void)(vmf), w_may_fail() ? VM_FAULT_OOM : 0)
#define handle_userfault(vmf, reason) ((void)(vmf), VM_FAULT_RETRY)
#define fix_spurious_fault(vmf, level) ((void)(vmf))
#define vma_end_read(vma) ((void)(vma))
#define migration_entry_wait(mm, pmd, addr) ((void)(mm))
#define softleaf_entry_wait_on_locked(entry, ptl) spin_unlock(ptl)
#define mmu_notifier_range_init_owner(r, event, flags, mm, start, end, owner) mmu_notifier_range_init(r, event, flags, mm, start, end)
#define lru_add_drain() ((void)0)
#define is_fsdax_page(page) W_ALWAYS(0, is_fsdax_page, page)
#define folio_test_mappedtodisk(f) W_ALWAYS(0, folio_test_mappedtodisk, f)
#define fls_long(n) ((n) ? 64 - __builtin_clzl(n) : 0)
#define page_has_type(page) W_ALWAYS(0, page_has_type, page)
#define folio_test_slab(f) W_ALWAYS(0, folio_test_slab, f)
#define vma_is_fsdax(vma) W_ALWAYS(0, vma_is_fsdax, vma)
#define EACCES 13
/* Before 6.17 a pfn came with flags; none are set here. */
#define pfn_t_devmap(pfn) W_ALWAYS(0, pfn_t_devmap, pfn)
#define pfn_t_pte(pfn, prot) pfn_pte((pfn).val, prot)
#define pfn_t_to_pfn(pfn) ((pfn).val)
#define flush_dcache_folio(f) ((void)(f))
/* What the processor forbids to map (mitigations of x86). */
#define pfn_modify_allowed(pfn, prot) ((void)(pfn), !w_may_fail())
#define pfnmap_setup_cachemode_pfn(pfn, prot) ((void)(pfn))

/* Whoever holds the lock may wait for this very fault: then it has to be tried again. */
#define folio_lock_or_retry(f, vmf) ((void)(vmf), folio_trylock(f) ? 0 : VM_FAULT_RETRY)

/* Which sizes of folio an anonymous fault may allocate: sysfs and madvise, here the scenario. */
#define w_orders() ((const unsigned long[]){ 0, 1UL << 4, 0x1fcUL, 1UL << 2 | 1UL << 6 }[W.scn->salt >> 11 & 3])
#define thp_vma_allowable_orders(vma, vm_flags, tva, orders) ((void)(vma), w_orders() & (orders))
#define vma_thp_gfp_mask(vma) ((void)(vma), 0U)
#define folio_memcg_alloc_deferred(f) ((void)(f), w_may_fail())
#define user_alloc_needs_zeroing() 0
#define folio_zero_user(f, addr) ((void)(f))

/* Copying a page that is mapped without struct page; the user's memory can be gone by then. */
#define kmap_local_page(page) ((void)(page), NULL)
#define kunmap_local(addr) ((void)(addr))
#define pagefault_disable() ((void)0)
#define pagefault_enable() ((void)0)
#define __copy_from_user_inatomic(to, from, n) ((void)(to), (void)(from), w_may_fail() ? (n) : 0)
#define clear_page(addr) ((void)(addr))
#define flush_dcache_page(page) ((void)(page))

/* Who maps a large folio, include/linux/rmap.h: the bit that says it is more than one mm is kept among the flags. */
#define _mm_ids flags
#define FOLIO_MM_IDS_SHARED_BITNUM W_PG_maybe_shared
#define folio_mm_id(f, n) ((void)(f), 0)
#define folio_lock_large_mapcount(f) ((void)(f))
#define folio_unlock_large_mapcount(f) ((void)(f))

/* The file system's part in a write to a shared mapping. */
#define IS_SWAPFILE(inode) W_ALWAYS(0, IS_SWAPFILE, inode)
#define file_update_time(file) ((void)(file))
#define maybe_unlock_mmap_for_io(vmf, fpin) ((void)(vmf), fpin)
#define balance_dirty_pages_ratelimited(mapping) ((void)(mapping))
#define fput(file) ((void)(file))
#define unmap_mapping_folio(f) ((void)(f))
#define mapping_evict_folio(mapping, f) ((void)(f), 0)

/* NUMA balancing: where the page should be is a choice of the scenario, and migration never comes about. */
#define LAST_CPUPID_SHIFT 21
#define LAST_CPUPID_MASK ((1 << LAST_CPUPID_SHIFT) - 1)
#define mpol_misplaced(f, vmf, addr) ((void)(f), W.scn->salt >> 15 & 1 ? (int)(W.scn->salt >> 14 & 1) : NUMA_NO_NODE)
#define folio_xchg_last_cpupid(f, cpupid) ((void)(f))
#define folio_last_cpupid(f) ((void)(f), 0)
#define folio_use_access_time(f) ((void)(f), W.scn->salt >> 3 & 1)
#define vma_set_access_pid_bit(vma) ((void)(vma))
#define migrate_misplaced_folio_prepare(f, vma, nid) ((void)(vma), w_may_fail() ? -EAGAIN : (folio_get(f), 0))
#define migrate_misplaced_folio(f, ...) (folio_put(f), -EAGAIN)

#endif
