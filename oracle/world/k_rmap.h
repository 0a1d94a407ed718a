/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for rmap, rss and swap counts. Semantics: include/linux/rmap.h, mm/rmap.c, mm/swapfile.c. */
#ifndef W_K_RMAP_H
#define W_K_RMAP_H

/* rss by the numbers of include/linux/mm_types_task.h: file 0, anon 1, swap entries 2, shmem 3. */
#define add_mm_counter(mm, member, n) ((mm)->rss[(member) & 7] += (n))
#define inc_mm_counter(mm, member) add_mm_counter(mm, member, 1)
#define dec_mm_counter(mm, member) add_mm_counter(mm, member, -1)
#define get_mm_counter(mm, member) ((mm)->rss[(member) & 7])
#define get_mm_rss(mm) ((mm)->rss[0] + (mm)->rss[1] + (mm)->rss[3])
#define update_hiwater_rss(mm) ((void)(mm))
#define sync_mm_rss(mm) ((void)(mm))
#define mm_trace_rss_stat(mm, m) w_note(mm, m)
#define arch_unmap_one(mm, vma, a, p) 0
#define arch_do_swap_page(mm, vma, a, p, o) w_note(mm, vma, a, p, o)
#define arch_check_zapped_pte(vma, p) ((void)(p))

typedef int rmap_t;
#define RMAP_NONE 0
#define RMAP_EXCLUSIVE 1
#define RMAP_COMPOUND 2

/* mmu.c: pages leave a folio's mapping, or a gather, while a CPU may still hold their translation. */
void w_page_unmapped(unsigned int page, unsigned int nr);
void w_page_leaves(unsigned int page, unsigned int nr);

/* The lock of some page table, or that of PMDs. */
static inline bool w_holds_ptl(void)
{
	return W.pml.held || W.ptl[0].held || W.ptl[1].held || W.ptl[2].held || W.ptl[3].held;
}
/*
 * mlock_vma_folio, munlock_vma_folio, mm/internal.h: under the page table lock, by the VMA's flags. A new mapping mlocks
 * a small folio; one that goes munlocks any, and reclaim corrects it (__folio_add_rmap, __folio_remove_rmap in mm/rmap.c).
 */
static inline void w_mlock_vma(struct folio *f, const struct vm_area_struct *vma)
{
	if ((vma->vm_flags & (VM_LOCKED | VM_SPECIAL)) == VM_LOCKED)
		f->flags |= 1U << W_PG_mlocked | 1U << W_PG_unevictable;
}
static inline void w_munlock_vma(struct folio *f, const struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_LOCKED)
		f->flags &= ~(1U << W_PG_mlocked | 1U << W_PG_unevictable);
}
static inline void w_asked_ptl(void)
{
	if (!w_holds_ptl())
		w_violate(L1, -1);
}
#define mlock_vma_folio(f, vma) (w_asked_ptl(), w_mlock_vma(f, vma))
#define munlock_vma_folio(f, vma) (w_asked_ptl(), w_munlock_vma(f, vma))
#define mlock_drain_local() ((void)0)

/* G1: a batch of pages lies inside its folio, and the page table lock is held (__folio_add_rmap, mm/rmap.c). */
static inline void w_rmap_range(struct folio *f, struct page *page, int nr)
{
	unsigned long i = folio_page_idx(f, page);

	w_count(rmap_op);
	w_step();
	if (!w_holds_ptl())
		w_violate(G1, -1);
	if (nr < 1 || i >= (unsigned long)folio_nr_pages(f) || i + (unsigned long)nr > (unsigned long)folio_nr_pages(f)) {
		w_violate(G1, -1);
		w_stop(W_BUG);
	}
}
static inline void w_rmap_add(struct folio *f, struct page *page, int nr)
{
	int i;

	w_rmap_range(f, page, nr);
	for (i = 0; i < nr; i++)
		atomic_inc(&page[i]._mapcount);
	if (f->w_order)
		atomic_add(nr, &f->_large_mapcount);
}
/* Mapped anew, not shared with a child. */
static inline void w_rmap_map(struct folio *f, struct page *page, int nr, const struct vm_area_struct *vma)
{
	w_rmap_add(f, page, nr);
	if (!f->w_order)
		w_mlock_vma(f, vma);
}
static inline void folio_remove_rmap_ptes(struct folio *f, struct page *page, int nr, struct vm_area_struct *vma)
{
	int i;

	w_rmap_range(f, page, nr);
	w_munlock_vma(f, vma);
	if (W.nstale && !folio_test_anon(f) && !folio_test_locked(f))
		w_page_unmapped((unsigned int)(page - W.pages), (unsigned int)nr);
	for (i = 0; i < nr; i++)
		if (atomic_dec_return_relaxed(&page[i]._mapcount) < -1)
			w_violate(G2, -1);
	if (f->w_order)
		atomic_sub(nr, &f->_large_mapcount);
	/* G5: an anon folio that stays partly mapped is queued for splitting (mm/rmap.c, __folio_remove_rmap). */
	if (f->w_order && folio_test_anon(f) && folio_mapcount(f) > 0 && folio_mapcount(f) < folio_nr_pages(f))
		folio_set_partially_mapped(f);
}
#define folio_remove_rmap_pte(f, p, vma) folio_remove_rmap_ptes(f, p, 1, vma)
static inline void folio_add_anon_rmap_ptes(struct folio *f, struct page *page, int nr, struct vm_area_struct *vma,
					    unsigned long address, rmap_t flags)
{
	int i;

	(void)address;
	w_rmap_map(f, page, nr, vma);
	for (i = 0; (flags & RMAP_EXCLUSIVE) && i < nr; i++)
		SetPageAnonExclusive(page + i);
}
#define folio_add_anon_rmap_pte(f, p, vma, a, flags) folio_add_anon_rmap_ptes(f, p, 1, vma, a, flags)
#define folio_add_file_rmap_ptes(f, p, nr, vma) w_rmap_map(f, p, nr, vma)
#define folio_add_file_rmap_pte(f, p, vma) w_rmap_map(f, p, 1, vma)
#define folio_dup_file_rmap_ptes(f, p, nr, ...) w_rmap_add(f, p, nr)
#define folio_dup_file_rmap_pte(f, p, ...) w_rmap_add(f, p, 1)

/* __folio_try_dup_anon_rmap, include/linux/rmap.h: a pinned exclusive page must be copied, none is shared then. */
static inline int w_try_dup_anon(struct folio *f, struct page *page, int nr)
{
	bool pinned = folio_maybe_dma_pinned(f);
	int i;

	for (i = 0; pinned && i < nr; i++)
		if (PageAnonExclusive(page + i))
			return -EBUSY;
	w_rmap_add(f, page, nr);
	for (i = 0; i < nr; i++)
		if (PageAnonExclusive(page + i))
			ClearPageAnonExclusive(page + i);
	return 0;
}
#define folio_try_dup_anon_rmap_ptes(f, p, nr, ...) w_try_dup_anon(f, p, nr)
#define folio_try_dup_anon_rmap_pte(f, p, ...) w_try_dup_anon(f, p, 1)

/* __folio_try_share_anon_rmap, include/linux/rmap.h. */
static inline int w_try_share_anon(struct folio *f, struct page *page, int nr)
{
	int i;

	w_rmap_range(f, page, nr);
	for (i = 0; i < nr; i++)
		if (!(page[i].flags >> W_PG_exclusive & 1))
			w_violate(X5, -1);
	smp_mb();
	if (folio_maybe_dma_pinned(f))
		return -EBUSY;
	for (i = 0; i < nr; i++)
		ClearPageAnonExclusive(page + i);
	smp_mb__after_atomic();
	return 0;
}
#define folio_try_share_anon_rmap_pte(f, p) w_try_share_anon(f, p, 1)
#define folio_try_share_anon_rmap_ptes(f, p, nr) w_try_share_anon(f, p, nr)
#define __folio_rmap_sanity_checks(f, p, nr, l) w_rmap_range(f, p, nr)
/* L11: folio_move_anon_rmap, mm/rmap.c, gives an exclusive folio that is locked to the anon_vma of the VMA. */
static inline void w_move_anon(struct folio *f, const struct vm_area_struct *vma)
{
	if (!folio_test_locked(f) || !folio_test_anon(f))
		w_violate(L11, -1);
	f->mapping = w_anon_mapping(vma);
}
#define folio_move_anon_rmap(f, vma) w_move_anon(f, vma)
#define deferred_split_folio(f, p) folio_set_partially_mapped(f)

/* What a gather holds back until the TLB is flushed: references, and delayed rmap removal. */
static inline bool w_tlb_remove(struct mmu_gather *tlb, struct page *page, unsigned int nr, bool delay)
{
	w_step();
	/* T6: a full gather is flushed before more goes in. */
	if (tlb->w_n >= tlb->w_room)
		w_violate(T6, -1);
	/* T5: the range of the gather grows before pages go in, mm/mmu_gather.c __tlb_remove_folio_pages_size. */
	if (!tlb->end)
		w_violate(T5, -1);
	if (tlb->w_n < W_MAX_SLOTS) {
		tlb->w_batch[tlb->w_n].pfn = (unsigned int)(page - W.pages);
		tlb->w_batch[tlb->w_n].nr = (unsigned short)nr;
		tlb->w_batch[tlb->w_n++].delayed = delay;
	}
	return tlb->w_n >= tlb->w_room;
}

static inline void w_tlb_rmaps(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	unsigned int i;

	for (i = 0; i < tlb->w_n; i++) {
		struct page *page = &W.pages[tlb->w_batch[i].pfn];

		if (tlb->w_batch[i].delayed)
			folio_remove_rmap_ptes(w_head_of(page), page, tlb->w_batch[i].nr, vma);
		tlb->w_batch[i].delayed = 0;
	}
	tlb->delayed_rmap = 0;
}

static inline void w_tlb_free(struct mmu_gather *tlb)
{
	unsigned int i;

	for (i = 0; i < tlb->w_n; i++) {
		w_page_leaves(tlb->w_batch[i].pfn, tlb->w_batch[i].nr);
		folio_put_refs(w_head_of(&W.pages[tlb->w_batch[i].pfn]), tlb->w_batch[i].nr);
	}
	tlb->w_n = 0;
}

/* Swap counts: one per entry and type; F4, every call names nr consecutive entries. */
static inline short *w_swap(swp_entry_t e, int i)
{
	unsigned long n = (e.val & 0xffffff) + (unsigned long)i, type = e.val >> W_SWAP_TYPE_SHIFT;

	w_step();
	w_access(W_ACCESS_SWAP);
	if (n >= W.nswap || type >= W_SWAP_TYPES) { /* no such entry in the scenario */
		w_violate(F2, -1);
		w_stop(W_BUG);
	}
	return &W.swap_count[type][n];
}
/* swap_duplicate() fails where a count would need a continuation page; here for some folios in the swap cache. */
static inline int w_swap_dup(swp_entry_t e, int nr)
{
	int i;

	w_count(lock); /* of the swap cluster, once a call */
	if (w_may_fail())
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		if (e.val >> W_SWAP_TYPE_SHIFT == W_SWAP_TYPES - 1 && (W.scn->salt & 0xe0) == 0xe0 &&
		    ((e.val + (unsigned long)i) & 7) == (unsigned long)(W.scn->salt >> 8 & 7))
			return -ENOMEM;
	for (i = 0; i < nr; i++)
		++*w_swap(e, i);
	return 0;
}
static inline void w_swap_put(swp_entry_t e, int nr)
{
	int i;

	w_count(lock);
	for (i = 0; i < nr; i++)
		if (--*w_swap(e, i) < 0)
			w_violate(F4, -1);
}
static inline swp_entry_t page_swap_entry(struct page *page)
{
	swp_entry_t e = w_head_of(page)->swap;

	e.val += (unsigned long)(page - &W.pages[page->w_head]);
	return e;
}
#define swap_duplicate(e) w_swap_dup(e, 1)
#define swap_dup_entry_direct(e) w_swap_dup(e, 1)
#define swap_duplicate_nr(e, nr) w_swap_dup(e, nr)
#define swap_free(e) w_swap_put(e, 1)
#define swap_free_nr(e, nr) w_swap_put(e, nr)
#define swap_put_entries_direct(e, nr) w_swap_put(e, nr)
#define free_swap_and_cache_nr(e, nr) w_swap_put(e, nr)
#define free_swap_and_cache(e) w_swap_put(e, 1)
#define folio_dup_swap_pages(f, p, nr) w_swap_dup(page_swap_entry(p), nr)
#define w_subpages(f, p) ((p) ? 1 : (int)folio_nr_pages(f))
#define folio_dup_swap(f, p, ...) w_swap_dup(page_swap_entry((p) ? (p) : &(f)->page), w_nth(w_subpages(f, p), ##__VA_ARGS__))
#define folio_put_swap(f, p, ...) w_swap_put(page_swap_entry((p) ? (p) : &(f)->page), w_nth(w_subpages(f, p), ##__VA_ARGS__))
#define w_nth(one, ...) w_nth_(0, ##__VA_ARGS__, one)
#define w_nth_(z, n, ...) (n)
/* The first duplicate of an entry may need memory for its count. */
#define swap_retry_table_alloc(e, gfp) (w_sleeps(), w_may_fail() ? -ENOMEM : 0)
#define add_swap_count_continuation(e, gfp) swap_retry_table_alloc(e, gfp)

#endif
