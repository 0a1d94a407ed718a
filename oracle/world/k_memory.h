/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for pages, folios and their flags. Semantics: include/linux/mm.h, include/linux/page-flags.h. */
#ifndef W_K_MEMORY_H
#define W_K_MEMORY_H

#define pfn_to_page(pfn) w_pfn_to_page(pfn)
#define phys_to_page(phys) pfn_to_page(PHYS_PFN(phys))
#define page_to_pfn(p) (W_PFN_BASE + (unsigned long)((const struct page *)(p) - W.pages))
#define __phys_to_pfn(phys) ((unsigned long)((phys) >> PAGE_SHIFT))
#define folio_page_idx(f, p) ((unsigned long)((const struct page *)(p) - (const struct page *)(f)))
#define folio_page(f, n) ((struct page *)(f) + (n))
#define nth_page(p, n) ((struct page *)(p) + (n))
#define folio_pfn(f) page_to_pfn((const struct page *)(f))
#define compound_head(p) ((struct page *)page_folio(p))
#define folio_file_page(f, i) folio_page(f, (i) & (folio_nr_pages(f) - 1))
#define virt_addr_valid(p) 0
#define virt_to_page(p) ((struct page *)0)
#define PageTable(p) 0
#define is_zero_pfn(pfn) ((pfn) == W_PFN_ZERO)
#define is_huge_zero_pfn(pfn) ((pfn) == W_PFN_HUGE_ZERO)
/* Which is known as a page where the family says so; it takes the place of page 0, which is in no scenario. */
#define is_zero_page(p) (w_trait(&W, ZERO_IS_A_PAGE) && (p) == W.pages)
#define is_zero_folio(f) is_zero_page(&(f)->page)
#define is_huge_zero_folio(f) W_ALWAYS(0, is_huge_zero_folio, f)
#define my_zero_pfn(addr) W_PFN_ZERO
#define pfn_valid(pfn) ((pfn) - W_PFN_BASE < W_NPAGES)
#define ZERO_PAGE(addr) w_pfn_to_page(W_PFN_ZERO)

static inline struct page *w_pfn_to_page(unsigned long pfn)
{
	w_count(page_touch);
	if (__builtin_expect(pfn - W_PFN_BASE >= W_NPAGES, 0)) {
		if (pfn == W_PFN_ZERO && w_trait(&W, ZERO_IS_A_PAGE))
			return &W.pages[0];
		w_stop(W_CRASH);
	}
	return &W.pages[pfn - W_PFN_BASE];
}

static inline struct page *pfn_to_online_page(unsigned long pfn)
{
	return pfn_valid(pfn) ? w_pfn_to_page(pfn) : NULL;
}

static inline struct folio *page_folio(const struct page *page)
{
	w_count(folio_lookup);
	w_step();
	return (struct folio *)&W.pages[page->w_head];
}

/* A folio's flags live in its first page. */
#define w_head_of(p) ((struct folio *)&W.pages[(p)->w_head])
#define X(lower, upper) \
static inline bool folio_test_##lower(const struct folio *f) { w_access(W_ACCESS_FLAG_READ); return f->flags >> W_PG_##lower & 1; } \
static inline void folio_set_##lower(struct folio *f) { w_access(W_ACCESS_FLAG_WRITE); f->flags |= 1UL << W_PG_##lower; } \
static inline void folio_clear_##lower(struct folio *f) { w_access(W_ACCESS_FLAG_WRITE); f->flags &= ~(1UL << W_PG_##lower); } \
static inline void __folio_set_##lower(struct folio *f) { folio_set_##lower(f); } \
static inline void __folio_clear_##lower(struct folio *f) { folio_clear_##lower(f); } \
static inline bool folio_test_set_##lower(struct folio *f) { bool was = folio_test_##lower(f); folio_set_##lower(f); return was; } \
static inline bool folio_test_clear_##lower(struct folio *f) { bool was = folio_test_##lower(f); folio_clear_##lower(f); return was; } \
static inline bool Page##upper(const struct page *p) { return folio_test_##lower(w_head_of(p)); } \
static inline void SetPage##upper(struct page *p) { folio_set_##lower(w_head_of(p)); } \
static inline void ClearPage##upper(struct page *p) { folio_clear_##lower(w_head_of(p)); }
W_PAGE_FLAGS(X)
#undef X
/* As the tree's own accessors reach them: the index behind the flags fills their word. */
#define PG_uptodate W_PG_uptodate
#define folio_flags(f, n) (w_access(W_ACCESS_FLAG_WRITE), (unsigned long *)&(f)->flags)
#define const_folio_flags(f, n) (w_access(W_ACCESS_FLAG_READ), (const unsigned long *)&(f)->flags)

/* What the page holds is read after, and was written before: include/linux/page-flags.h. */
static inline bool w_test_uptodate(const struct folio *f)
{
	bool is = folio_test_uptodate(f);

	if (is)
		smp_rmb();
	return is;
}
static inline void w_mark_uptodate(struct folio *f)
{
	smp_wmb();
	folio_set_uptodate(f);
}
#define folio_test_uptodate(f) w_test_uptodate(f)
#define PageUptodate(p) w_test_uptodate(w_head_of(p))
#define folio_mark_uptodate(f) w_mark_uptodate(f)
#define __folio_mark_uptodate(f) w_mark_uptodate(f)

static inline bool PageAnonExclusive(const struct page *page)
{
	w_count(page_touch);
	w_access(W_ACCESS_FLAG_READ);
	return page->flags >> W_PG_exclusive & 1;
}
static inline void SetPageAnonExclusive(struct page *page)
{
	w_count(page_touch);
	w_access(W_ACCESS_FLAG_WRITE);
	page->flags |= 1UL << W_PG_exclusive;
}
static inline void ClearPageAnonExclusive(struct page *page)
{
	w_count(page_touch);
	w_access(W_ACCESS_FLAG_WRITE);
	page->flags &= ~(1UL << W_PG_exclusive);
}
#define __ClearPageAnonExclusive(p) ClearPageAnonExclusive(p)
#define PageHWPoison(p) ((p)->flags >> W_PG_hwpoison & 1)
#define SetPageHWPoison(p) ((p)->flags |= 1UL << W_PG_hwpoison)
#define folio_test_hwpoison(f) PageHWPoison(&(f)->page)
#define folio_set_hwpoison(f) SetPageHWPoison(&(f)->page)

#define folio_test_large(f) ((f)->w_order != 0)
#define folio_order(f) ((f)->w_order)
#define folio_large_order(f) ((f)->w_order)
#define folio_nr_pages(f) (1L << (f)->w_order)
#define folio_large_nr_pages(f) (1L << (f)->w_order)
#define compound_nr(p) (1UL << w_head_of(p)->w_order)
#define compound_order(p) ((p) == &W.pages[(p)->w_head] ? (p)->w_order : 0)
#define folio_size(f) (W_PAGE_SIZE << (f)->w_order)
#define folio_shift(f) (PAGE_SHIFT + (f)->w_order)
#define folio_test_pmd_mappable(f) ((f)->w_order >= HPAGE_PMD_ORDER)
#define folio_test_lazyfree(f) (folio_test_anon(f) && !folio_test_swapbacked(f))
#define folio_test_hugetlb_hwpoison(f) W_ALWAYS(0, folio_test_hugetlb_hwpoison, f)
#define folio_is_zone_device(f) folio_test_device(f)
#define folio_is_device_private(f) folio_test_device(f)
#define folio_is_device_coherent(f) W_ALWAYS(0, folio_is_device_coherent, f)
#define is_zone_device_page(p) PageDevice(p)
#define is_device_private_page(p) PageDevice(p)
#define page_pgmap(p) (w_head_of(p)->pgmap)
#define is_device_coherent_page(p) W_ALWAYS(0, is_device_coherent_page, p)
#define is_device_exclusive_page(p) 0
#define folio_is_file_lru(f) (!folio_test_swapbacked(f))
#define folio_raw_mapping(f) ((f)->mapping)
#define folio_mapping(f) ((struct address_space *)(f)->mapping)
#define PageCompound(p) (w_head_of(p)->w_order != 0)
#define PageHead(p) PageCompound(p)
#define PageHuge(p) folio_test_hugetlb(w_head_of(p))
#define PageHWPoisonPage(p) W_ALWAYS(0, PageHWPoisonPage, p)

static inline bool folio_trylock(struct folio *f)
{
	w_count(lock);
	return !folio_test_set_locked(f);
}
static inline void folio_lock(struct folio *f) { w_sleeps(); w_count(lock); folio_set_locked(f); }
static inline void folio_unlock(struct folio *f)
{
	if (!(f->flags >> W_PG_locked & 1)) /* as the kernel's own check says, mm/filemap.c */
		w_violate(X5, -1);
	folio_clear_locked(f);
}
#define trylock_page(p) folio_trylock(w_head_of(p))
#define unlock_page(p) folio_unlock(w_head_of(p))

/* folio_mark_dirty, mm/page-writeback.c: a file system is told by a tag in the mapping, where writeback looks for it. */
static inline bool folio_mark_dirty(struct folio *f)
{
	f->flags |= f->mapping == w_mapping_of(W_FOLIO_FILE) ? 1U << W_PG_tagged : 0;
	return !folio_test_set_dirty(f);
}
#define set_page_dirty(p) folio_mark_dirty(w_head_of(p))
#define folio_mark_accessed(f) folio_set_referenced(f)
static inline bool folio_is_secretmem(struct folio *f) { (void)f; return false; }

static inline int folio_mapcount(const struct folio *f)
{
	return atomic_read(f->w_order ? &f->_large_mapcount : &f->_mapcount) + 1;
}
#define folio_large_mapcount(f) folio_mapcount(f)
#define folio_entire_mapcount(f) atomic_read(&(f)->_entire_mapcount)
#define folio_mapped(f) (folio_mapcount(f) > 0)
#define page_mapped(p) (atomic_read(&(p)->_mapcount) >= 0)
#define folio_precise_page_mapcount(f, p) (atomic_read(&(p)->_mapcount) + 1 + folio_entire_mapcount(f))
#define folio_page_mapped(p) page_mapped(p)
#define folio_ref_count(f) atomic_read(&(f)->_refcount)
#define page_ref_count(p) folio_ref_count(w_head_of(p))
#define page_count(p) folio_ref_count(w_head_of(p))
#define folio_expected_ref_count(f) \
	(folio_mapcount(f) + (folio_test_anon(f) ? folio_test_swapcache(f) : 1) * (int)folio_nr_pages(f))
static inline bool folio_maybe_mapped_shared(struct folio *f)
{
	return folio_mapcount(f) > 1 && (folio_test_maybe_shared(f) || folio_mapcount(f) > folio_nr_pages(f));
}
#define folio_likely_mapped_shared(f) folio_maybe_mapped_shared(f)
#define folio_expected_sharers(f) 1

/* Pins: GUP_PIN_COUNTING_BIAS in include/linux/mm.h for small folios, _pincount for large ones. */
#define W_PIN_BIAS 1024
static inline bool folio_maybe_dma_pinned(struct folio *f)
{
	return f->w_order ? atomic_read(&f->_pincount) > 0 : atomic_read(&f->_refcount) >= W_PIN_BIAS;
}
static inline bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *f)
{
	(void)vma;
	return folio_maybe_dma_pinned(f);
}

static inline void folio_ref_add(struct folio *f, int nr) { w_count(ref_op); atomic_add(nr, &f->_refcount); }
/* Each page on its own again; G3 if one is still mapped. */
static inline void w_free_spare(struct page *page)
{
	unsigned int n = page->w_head, end = n + (1U << page->w_order);

	for (; n < end; n++, page++)
		*page = (struct page){ .w_head = n, ._mapcount = page->_mapcount, ._large_mapcount = { -1 } };
}
static inline void folio_put_refs(struct folio *f, int nr)
{
	w_count(ref_op);
	if (atomic_sub_return_relaxed(nr, &f->_refcount) < 0)
		w_violate(G3, -1);
	else if (f->w_head >= W.spares && !atomic_read(&f->_refcount))
		w_free_spare(&f->page);
}
#define folio_ref_sub(f, n) folio_put_refs(f, n)
#define folio_get(f) folio_ref_add(f, 1)
#define folio_put(f) folio_put_refs(f, 1)
#define get_page(p) folio_get(w_head_of(p))
#define put_page(p) folio_put(w_head_of(p))
#define page_ref_add(p, n) folio_ref_add(w_head_of(p), n)
#define folio_batch_release(b) ((void)(b))
static inline bool folio_try_get(struct folio *f)
{
	if (atomic_read(&f->_refcount) <= 0)
		return false;
	folio_get(f);
	return true;
}

/* vm_normal_page, mm/memory.c: special PTEs, the zero page and what has no struct page are not normal. */
static inline struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	unsigned long pfn = pte_pfn(pte);

	(void)vma; (void)addr;
	if (pte_special(pte) || pfn - W_PFN_BASE >= W_NPAGES)
		return NULL;
	return w_pfn_to_page(pfn);
}
static inline struct folio *vm_normal_folio(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	struct page *page = vm_normal_page(vma, addr, pte);

	return page ? page_folio(page) : NULL;
}
#define pfn_folio(pfn) page_folio(w_pfn_to_page(pfn))
#define vm_normal_page_pmd(vma, addr, pmd) ((void)(vma), w_pfn_to_page(pmd_pfn(pmd)))
#define vm_normal_folio_pmd(vma, addr, pmd) ((void)(vma), pfn_folio(pmd_pfn(pmd)))

#endif
