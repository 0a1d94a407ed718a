/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for the life of a folio: allocated, split, taken out of the swap cache, made lazily freeable. */
#ifndef W_K_FOLIO_H
#define W_K_FOLIO_H

/* A folio from the pages behind the scenario's; the lowest free one that fits, so that each run takes the same. */
static inline struct folio *w_alloc_folio_of(unsigned int order)
{
	unsigned int n = W.spares, nr = 1U << order, i;

	w_step();
	w_sleeps();
	if (w_may_fail())
		return NULL;
	for (n = (n + nr - 1) & ~(nr - 1), i = 0; i < nr && n + nr <= W_NPAGES; i++)
		if (n + i < W.npages && W.pages[n + i]._refcount.counter) {
			n += nr;
			i = ~0U;
		} else if (n + i < W.npages && W.pages[n + i].w_head != n + i) {
			n += nr;
			i = ~0U;
		}
	if (n + nr > W_NPAGES)
		return NULL;
	for (; W.npages < n + nr; W.npages++)
		W.pages[W.npages] = (struct page){ .w_head = W.npages, ._mapcount = { -1 }, ._large_mapcount = { -1 } };
	for (i = 0; i < nr; i++)
		W.pages[n + i] = (struct page){ .w_head = n, .w_order = order, ._mapcount = { -1 }, ._large_mapcount = { -1 } };
	atomic_set(&W.pages[n]._refcount, 1);
	return (struct folio *)&W.pages[n];
}
#define w_alloc_folio() w_alloc_folio_of(0)
#define vma_alloc_folio(gfp, order, vma, ...) ((void)(vma), w_alloc_folio_of((unsigned int)(order)))
#define vma_alloc_zeroed_movable_folio(vma, addr) ((void)(vma), w_alloc_folio())
#define mem_cgroup_charge(f, mm, gfp) ((void)(f), w_sleeps(), w_may_fail() ? -ENOMEM : 0)
#define folio_throttle_swaprate(f, gfp) ((void)(f))
/* mm/swap.c: in an mlocked VMA it is mlocked from the start. */
#define folio_add_lru_vma(f, vma) (w_mlock_vma(f, vma), folio_set_lru(f))

/* copy_mc_user_highpage, include/linux/highmem.h: poison leaves bytes over. A copy says which page it was made from. */
static inline int w_copy_page(struct page *to, const struct page *from)
{
	w_step();
	if (w_may_fail())
		return (int)PAGE_SIZE;
	to->private = from ? (unsigned long)(from - W.pages) + 1 : 0;
	return 0;
}
#define copy_mc_user_highpage(to, from, addr, vma) w_copy_page(to, from)
#define clear_user_highpage(page, addr) ((void)((page)->private = 0))

/* folio_add_new_anon_rmap, mm/rmap.c */
static inline void folio_add_new_anon_rmap(struct folio *f, struct vm_area_struct *vma, unsigned long addr, rmap_t flags)
{
	if (folio_mapped(f) || addr < vma->vm_start || addr + folio_size(f) > vma->vm_end)
		w_violate(X5, -1);
	folio_set_swapbacked(f);
	folio_set_anon(f);
	f->mapping = w_anon_mapping(vma);
	folio_add_anon_rmap_ptes(f, &f->page, (int)folio_nr_pages(f), vma, addr, flags);
}

/* folio_free_swap, mm/swapfile.c: not while some PTE still holds one of its entries. */
static inline bool folio_free_swap(struct folio *f)
{
	swp_entry_t e = f->swap;
	int i;

	if (!folio_test_locked(f))
		w_violate(X5, -1);
	if (!folio_test_swapcache(f) || folio_test_writeback(f))
		return false;
	for (i = 0; i < folio_nr_pages(f); i++)
		if (*w_swap(e, i))
			return false;
	folio_clear_swapcache(f);
	f->swap.val = 0;
	folio_put_refs(f, (int)folio_nr_pages(f));
	folio_set_dirty(f);
	return true;
}

/* lru_lazyfree, mm/swap.c */
static inline void folio_mark_lazyfree(struct folio *f)
{
	if (!folio_test_anon(f) || !folio_test_swapbacked(f) || folio_test_swapcache(f) || folio_test_unevictable(f))
		return;
	folio_clear_active(f);
	folio_clear_referenced(f);
	folio_clear_swapbacked(f);
}

struct w_side;
extern const struct w_side W_SIDE;
void w_split_tables(const struct w_side *side, unsigned int first, unsigned int nr);

/*
 * split_folio, mm/huge_memory.c: fails while references beyond mappings, caches and the caller's are held (one more
 * keeps a page of the scenario). Afterwards each page is a folio with the flags of the old one, only the first
 * locked and with the caller's reference. PTEs of memory went through migration entries: same bits, no contpte block.
 * Those of a file are gone (unmap_folio); another process that maps it has had its faults by then.
 */
static inline int split_folio(struct folio *f)
{
	int cached = folio_test_anon(f) ? folio_test_swapcache(f) : 1, i, nr = (int)folio_nr_pages(f);
	unsigned int first = f->w_head;
	struct page *page = &f->page;

	w_step();
	w_sleeps();
	if (!folio_test_locked(f))
		w_violate(X5, -1);
	if (w_may_fail() || folio_ref_count(f) != folio_mapcount(f) + cached * nr + 2)
		return -EAGAIN;
	w_split_pmds(first);
	w_split_tables(&W_SIDE, first, (unsigned int)nr);
	folio_clear_partially_mapped(f);
	atomic_set(&f->_large_mapcount, -1);
	for (i = nr - 1; i >= 0; i--) {
		unsigned long own = page[i].flags & 1UL << W_PG_exclusive;

		page[i].flags = (page->flags & ~(1UL << W_PG_exclusive | (i ? 1UL << W_PG_locked : 0))) | own;
		page[i].mapping = page->mapping;
		page[i].pgmap = folio_is_zone_device(f) ? page->pgmap : NULL;
		page[i].private = page->private ? page->private + (unsigned long)i : 0;
		page[i].w_head = first + (unsigned int)i;
		page[i].w_order = 0;
		atomic_set(&page[i]._refcount, atomic_read(&page[i]._mapcount) + 1 + cached + (i ? 0 : 2));
	}
	return 0;
}
#define madvise_free_huge_pmd(tlb, vma, pmd, addr, next) 0
#define split_folio_to_list(f, list) split_folio(f)

#endif
