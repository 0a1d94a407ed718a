/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel objects that the world owns, with the members that mm code names. Layout is ours.
 * A folio is its first page, as in the kernel; both are one cache line here.
 */
#ifndef W_STRUCTS_H
#define W_STRUCTS_H

#include "base.h"

#ifndef W_PGPROT	/* a slice has the tree's pgprot_t */
#define W_PGPROT unsigned long
#endif

struct mm_struct;
struct vm_area_struct;
struct file;
struct anon_vma;
struct mem_cgroup;
struct reclaim_state;
struct lru_gen_mm_state;
struct vm_operations_struct;
struct xa_state;
struct vm_fault;
struct dev_pagemap_ops { unsigned int (*migrate_to_ram)(struct vm_fault *vmf); };
struct dev_pagemap { const struct dev_pagemap_ops *ops; void *owner; };
struct vm_userfaultfd_ctx { struct userfaultfd_ctx *ctx; };

/* Narrow members make room for lru in one cache line. */
struct page {
	unsigned int flags;	/* W_PG_* */
	unsigned int index;
	void *mapping;
	unsigned long private;	/* swap entry of a page in the swap cache; of a copy, the page it was made from */
	union { struct list_head lru; struct dev_pagemap *pgmap; };	/* pages of a device are on no list */
	atomic_t _mapcount;	/* -1: not mapped by PTEs */
	atomic_t _refcount;	/* head page only */
	atomic_t _large_mapcount;
	atomic_t _entire_mapcount;	/* PMDs that map the folio; 0: none */
	atomic_t _pincount;
	unsigned short w_head;	/* number of the folio's first page */
	unsigned short w_order;
};

/* Its lowest bit tells anonymous memory, as FOLIO_MAPPING_ANON does; include/linux/page-flags.h. */
#define w_anon_mapping(vma) ((void *)(0x1101UL + 0x100UL * (unsigned long)((vma) != &W.vma[0])))
#define w_mapping_of(kind) ((void *)((kind) == W_FOLIO_ANON ? 0x1001UL : 0x1000UL + 16UL * (unsigned long)(kind)))

struct folio {
	union {
		struct {
			unsigned int flags;
			unsigned int index;
			void *mapping;
			union { void *private; swp_entry_t swap; };
			union { struct list_head lru; struct dev_pagemap *pgmap; };
			atomic_t _mapcount;
			atomic_t _refcount;
			atomic_t _large_mapcount;
			atomic_t _entire_mapcount;
			atomic_t _pincount;
			unsigned short w_head;
			unsigned short w_order;
		};
		struct page page;
	};
};

/* Page flags of the world; AnonExclusive and HWPoison are kept for each page. */
#define W_PAGE_FLAGS(X) \
	X(locked, Locked) X(referenced, Referenced) X(uptodate, Uptodate) X(dirty, Dirty) X(lru, LRU) X(active, Active) \
	X(swapbacked, SwapBacked) X(swapcache, SwapCache) X(mlocked, Mlocked) X(unevictable, Unevictable) \
	X(ksm, Ksm) X(young, Young) X(idle, Idle) X(writeback, Writeback) X(workingset, Workingset) \
	X(partially_mapped, PartiallyMapped) X(reclaim, Reclaim) X(anon, Anon) X(reserved, Reserved) \
	X(tagged, Tagged) X(maybe_shared, MaybeShared) X(has_hwpoisoned, HasHWPoisoned) X(private_2, Private2) \
	X(large_rmappable, LargeRmappable) X(owner_priv_1, OwnerPriv1) \
	X(deactivated, Deactivated) X(private, Private) X(device, Device) X(hugetlb, Hugetlb)
enum w_page_flag {
#define X(lower, upper) W_PG_##lower,
	W_PAGE_FLAGS(X)
#undef X
	W_PG_exclusive, W_PG_hwpoison,
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
	struct mm_struct *vm_mm;
	W_PGPROT vm_page_prot;
	union { unsigned long vm_flags, flags; };
	unsigned long vm_pgoff;
	unsigned int __vm_anon_pgoff_lo, __vm_anon_pgoff_hi;	/* the same, for anon pages (7.3) */
	struct file *vm_file;
	const struct vm_operations_struct *vm_ops;
	struct anon_vma *anon_vma;
	struct vm_userfaultfd_ctx vm_userfaultfd_ctx;
	void *vm_private_data;
	void *vm_policy;
	unsigned int w_bits;	/* W_V_* */
	unsigned int w_first;	/* slot of vm_start */
};

struct mm_struct {
	long rss[8];
	atomic_t mm_users, mm_count, tlb_flush_pending;
	struct rw_semaphore mmap_lock;
	struct list_head mmlist;
	unsigned long def_flags, hiwater_rss, total_vm, locked_vm, flags;
	int mm_id;
	spinlock_t page_table_lock;
	void *pgd;
};

/* A node, and one control group's LRU lists there. */
struct pglist_data { int node_id; unsigned long node_start_pfn, node_spanned_pages; };
typedef struct pglist_data pg_data_t;
struct lruvec { struct { unsigned long max_seq; } lrugen; };

struct task_struct {
	struct mm_struct *mm, *active_mm;
	struct reclaim_state *reclaim_state;	/* none: no walk is under way */
	unsigned int flags;
	int numa_preferred_nid, pid, tgid, in_iowait;
	unsigned long maj_flt, min_flt, nvcsw;	/* counted, and not looked at */
	char comm[16];
};
extern struct task_struct w_task;

struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end;
	unsigned int fullmm, need_flush_all, freed_tables, delayed_rmap, cleared_ptes, cleared_pmds, vma_exec, vma_huge;
	unsigned int vma_pfn, page_size;
	unsigned int unshared_tables, fully_unshared_tables;
	unsigned int w_room;	/* pages that still fit before a flush is due */
	unsigned int w_n, w_delayed;
	struct { unsigned int pfn; unsigned short nr; unsigned short delayed; } w_batch[W_MAX_SLOTS];
};

#endif
