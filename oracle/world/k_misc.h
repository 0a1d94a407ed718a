/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names that are neither memory, locks, TLB nor rmap: VMA flags and predicates, accounting without effect here. */
#ifndef W_K_MISC_H
#define W_K_MISC_H

#define PAGE_SHIFT W_PAGE_SHIFT
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(a) ALIGN(a, PAGE_SIZE)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define HPAGE_PMD_ORDER (PAGE_SHIFT - 3)
#define HPAGE_PMD_NR (1 << HPAGE_PMD_ORDER)
#define HPAGE_PMD_SIZE ((unsigned long)HPAGE_PMD_NR * PAGE_SIZE)
#define HPAGE_PMD_MASK (~(HPAGE_PMD_SIZE - 1))
#define HPAGE_PMD_SHIFT (PAGE_SHIFT + HPAGE_PMD_ORDER)
#define HPAGE_PUD_NR (HPAGE_PMD_NR * HPAGE_PMD_NR)
#define HPAGE_PUD_SIZE (HPAGE_PMD_NR * HPAGE_PMD_SIZE)
#define BITS_PER_XA_VALUE 63
/* Room for accessed and dirty in a migration entry (mm/swapfile.c asks): what sparsemem.h has for 4-level tables. */
#ifdef W_ARCH_X86
#define MAX_PHYSMEM_BITS 46
#else
#define MAX_PHYSMEM_BITS 48
#endif
#define swap_migration_ad_supported true
#define check_add_overflow(a, b, sum) __builtin_add_overflow(a, b, sum)
#define do_div(n, base) ({ unsigned int w_base = (base), w_rest = (unsigned int)((n) % w_base); (n) /= w_base; w_rest; })

/* VMA flags by their numbers in include/linux/mm.h. */
#define VM_NONE 0UL
#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_EXEC 0x4UL
#define VM_SHARED 0x8UL
#define VM_MAYREAD 0x10UL
#define VM_MAYWRITE 0x20UL
#define VM_MAYEXEC 0x40UL
#define VM_MAYSHARE 0x80UL
#define VM_GROWSDOWN 0x100UL
#define VM_UFFD_MISSING 0x200UL
#define VM_PFNMAP 0x400UL
#define VM_UFFD_WP 0x1000UL
#define VM_LOCKED 0x2000UL
#define VM_IO 0x4000UL
#define VM_SEQ_READ 0x8000UL
#define VM_RAND_READ 0x10000UL
#define VM_DONTCOPY 0x20000UL
#define VM_DONTEXPAND 0x40000UL
#define VM_LOCKONFAULT 0x80000UL
#define VM_ACCOUNT 0x100000UL
#define VM_NORESERVE 0x200000UL
#define VM_HUGETLB 0x400000UL
#define VM_SYNC 0x800000UL
#define VM_WIPEONFORK 0x2000000UL
#define VM_DONTDUMP 0x4000000UL
#define VM_SOFTDIRTY 0x8000000UL
#define VM_MIXEDMAP 0x10000000UL
#define VM_HUGEPAGE 0x20000000UL
#define VM_NOHUGEPAGE 0x40000000UL
#define VM_MERGEABLE 0x80000000UL
#define VM_SHADOW_STACK (1UL << 37)
#define VM_DROPPABLE (1UL << 40)
#define VM_UFFD_MINOR (1UL << 41)
#define VM_UFFD_RWP (1UL << 43)
#define VM_SPECIAL (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_LOCKED_MASK (VM_LOCKED | VM_LOCKONFAULT)
#define VM_COPY_ON_FORK (VM_PFNMAP | VM_MIXEDMAP | VM_UFFD_WP)
#define __VM_UFFD_FLAGS (VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR)
#define vm_get_page_prot(flags) w_vm_prot(flags)

/* From 7.x on flags are named by bit. */
#define VMA_READ_BIT 0
#define VMA_WRITE_BIT 1
#define VMA_EXEC_BIT 2
#define VMA_SHARED_BIT 3
#define VMA_MAYWRITE_BIT 5
#define VMA_PFNMAP_BIT 10
#define VMA_LOCKED_BIT 13
#define VMA_SOFTDIRTY_BIT 27
#define VMA_MIXEDMAP_BIT 28
#define vma_test(vma, bit) (((vma)->vm_flags >> (bit)) & 1)
#define vma_is_anonymous(vma) (!((vma)->w_bits & W_V_FILE))
#define vma_is_shmem(vma) W_ALWAYS(0, vma_is_shmem, vma)
#define vma_is_dax(vma) W_ALWAYS(0, vma_is_dax, vma)
#define vma_is_temporary_stack(vma) W_ALWAYS(0, vma_is_temporary_stack, vma)
#define vma_is_foreign(vma) W_ALWAYS(0, vma_is_foreign, vma)
#define vma_has_recency(vma) W_ALWAYS(1, vma_has_recency, vma)
#define vma_is_cow_mapping(vma) is_cow_mapping((vma)->vm_flags)
#define is_cow_mapping(flags) (((flags) & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
#define userfaultfd_wp(vma) (((vma)->vm_flags & VM_UFFD_WP) != 0)
#define userfaultfd_rwp(vma) (((vma)->vm_flags & VM_UFFD_RWP) != 0)
#define userfaultfd_protected(vma) (userfaultfd_wp(vma) || userfaultfd_rwp(vma))
#define userfaultfd_armed(vma) userfaultfd_wp(vma)
#define userfaultfd_minor(vma) W_ALWAYS(0, userfaultfd_minor, vma)
#define userfaultfd_missing(vma) (userfaultfd_wp(vma) && W.scn->salt >> 7 & 1)
#define uffd_disable_fault_around(vma) userfaultfd_wp(vma)
#define uffd_supports_wp_marker() 1
#define userfaultfd_wp_unpopulated(vma) ((void)(vma), W.scn->salt >> 6 & 1)
#define userfaultfd_wp_use_markers(vma) (!vma_is_anonymous(vma) || userfaultfd_wp_unpopulated(vma))
#define userfaultfd_wp_async(vma) W_ALWAYS(0, userfaultfd_wp_async, vma)
#define vma_has_uffd_without_event_remap(vma) \
	((vma)->w_bits & (W_V_UFFD_WP | W_V_UFFD_RWP) && !((vma)->w_bits & W_V_UFFD_REMAP))
/* mm/vma.c: but for shmem the file systems here want to know of writes, so vm_page_prot of a shared mapping lacks it. */
#define vma_wants_writenotify(vma, p) \
	(((vma)->vm_flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE) && !((vma)->w_bits & W_V_UNNOTICED))
#define vma_wants_manual_pte_write_upgrade(vma) \
	((vma)->vm_flags & VM_SHARED ? vma_wants_writenotify(vma, 0) : !!((vma)->vm_flags & VM_WRITE))
#define vma_flags_set(f, bit) (*(f) |= 1UL << (bit))
#define vma_flags_clear(f, bit) (*(f) &= ~(1UL << (bit)))
#define vma_flags_set_mask(f, mask) (*(f) |= (mask))
#define vma_pages(vma) (((vma)->vm_end - (vma)->vm_start) >> PAGE_SHIFT)
#define vma_policy(vma) NULL
#define linear_page_index(vma, a) ((vma)->vm_pgoff + (((a) - (vma)->vm_start) >> PAGE_SHIFT))

/* Some mm are on their way out, or already reaped; include/linux/oom.h. */
#define mm_is_efi(mm) 0
#define highest_memmap_pfn (~0UL)
#define mm_fault_ok(mm) 1
#define mm_soft_dirty_enabled(mm) 1
#define mm_access_frozen(mm) W_ALWAYS(0, mm_access_frozen, mm)
#define mm_pkey_is_allocated(mm, k) 1
#define arch_vma_access_permitted(...) W_ALWAYS(1, arch_vma_access_permitted, __VA_ARGS__)
#define fatal_signal_pending(t) W_ALWAYS(0, fatal_signal_pending, t)
#define signal_pending(t) W_ALWAYS(0, signal_pending, t)
#define io_schedule() ((void)0)
#define print_bad_pte(...) w_violate(X5, -1)
#define print_bad_page_map(...) w_violate(X5, -1)
#define mte_sync_tags(...) w_note(__VA_ARGS__)
#define __sync_icache_dcache(...) w_note(__VA_ARGS__)
#define __sync_cache_and_tags(...) w_note(__VA_ARGS__)
#define set_pte_batch_tags(...) w_note(__VA_ARGS__)
#define arch_prepare_to_swap(f) 0
#define arch_swap_restore(...) w_note(__VA_ARGS__)
#define paravirt_enabled() 0
#define cpu_feature_enabled(f) 0
#define boot_cpu_has(f) 0
#define static_cpu_has(f) 0
#define this_cpu_has(f) 0
#define cpus_have_final_cap(x) 0
#define cpus_have_cap(x) 0
#define alternative_has_cap_unlikely(x) 0
#define alternative_has_cap_likely(x) 0
#define system_supports_haft() 0
#define system_supports_mte() 0
#define system_supports_poe() 0
#define system_supports_lpa2() 0
#define lpa2_is_enabled() 0
#define system_supports_bbml2_noabort() W.bbml2
#define system_supports_bbml3() W.bbml2
#define system_supports_tlb_range() 1
#define system_uses_ttbr0_pan() 0
#define cpu_has_hw_af() 1
#define arch_has_hw_pte_young() 1
#define arm64_use_ng_mappings 1
#define arm64_kernel_unmapped_at_el0() 1
#define is_realm_world() 0
#define in_atomic() W_ALWAYS(0, in_atomic, )
#define sme_me_mask 0UL
#define cc_mkdec(x) (x)
#define cc_get_mask() 0UL
#define cc_mask 0UL
#define cc_mkenc(x) (x)
#define __sme_set(x) (x)
#define __sme_clr(x) (x)
#define __supported_pte_mask (~0UL)
#define __default_kernel_pte_mask (~0UL)
#define physical_mask ((1UL << 52) - 1)
#define __PHYSICAL_MASK_SHIFT 52
#define __PHYSICAL_MASK physical_mask
#define __VIRTUAL_MASK_SHIFT 47
#define PHYSICAL_PAGE_MASK (((signed long)PAGE_MASK) & __PHYSICAL_MASK)
#define pv_ops_unused 0
#define pgtable_l4_enabled() 1
#define pgtable_l5_enabled() 0
#define has_transparent_hugepage() 1
#define thp_migration_supported() 1
#define rmap_walk(...) w_note(__VA_ARGS__)
/* Whether a page holds nothing but zeroes. */
#define pages_identical(page, zero) ((W.scn->salt >> 4 & 3) == 3)
#define zero_pfn(addr) W_PFN_ZERO
#define mm_forbids_zeropage(mm) W_ALWAYS(0, mm_forbids_zeropage, mm)
#define ksm_might_unmap_zero_page(mm, pte) ((void)(pte))
#define remove_migration_pmd(...) w_note(__VA_ARGS__)
/* There are no huge migration entries here: a page may always be one that must not be shared. */
#define set_pmd_migration_entry(...) (-EBUSY)
/* Leaves entries that map the pages even when it should freeze them, which it may (mm/huge_memory.c). */
#define split_huge_pmd_locked(vma, addr, pmd, ...) w_split_pmds(w_huge_page(pmd))
/* Someone may always hold a reference. */
#define unmap_huge_pmd_locked(...) 0
#define split_huge_pmd(...) w_note(__VA_ARGS__)
#define split_huge_pmd_address(...) w_note(__VA_ARGS__)
#define split_huge_pud(...) w_note(__VA_ARGS__)
#define mem_cgroup_from_task(t) NULL
#define get_mempolicy(...) 0
extern spinlock_t mmlist_lock;

#endif
