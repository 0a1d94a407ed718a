/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for the lists of pages and what they count: isolated from the LRU, put back. mm/vmscan.c, mm/swap.c. */
#ifndef W_K_ISOLATE_H
#define W_K_ISOLATE_H

/* folio_isolate_lru, mm/vmscan.c: a folio that someone else has isolated is on no list. */
static inline bool folio_isolate_lru(struct folio *f)
{
	w_step();
	if (folio_ref_count(f) <= 0)
		w_violate(G3, -1);
	if (w_may_fail() || !folio_test_clear_lru(f))
		return false;
	folio_get(f);
	return true;
}
/* folio_putback_lru, mm/vmscan.c: back on its list, and the reference of isolation dropped. */
static inline void folio_putback_lru(struct folio *f)
{
	w_step();
	if (folio_test_set_lru(f))
		w_violate(X5, -1);
	folio_put(f);
}

/* Pages isolated, by type: what is taken off must come back. Compared with the results. */
#define NR_ISOLATED_ANON 0
#define NR_ISOLATED_FILE 1
#define node_stat_mod_folio(f, item, n) ((void)(f), W.facts.out[2 + ((item) & 1)] += (n))
#define node_stat_add_folio(f, item) node_stat_mod_folio(f, item, folio_nr_pages(f))
#define node_stat_sub_folio(f, item) node_stat_mod_folio(f, item, -folio_nr_pages(f))

/* free_swap_cache, mm/swap_state.c: the entries go once the folio is neither mapped nor locked. */
static inline void free_swap_cache(struct folio *f)
{
	if (folio_test_swapcache(f) && !folio_mapped(f) && folio_trylock(f)) {
		folio_free_swap(f);
		folio_unlock(f);
	}
}
static inline void w_free_page_and_swap_cache(struct folio *f)
{
	free_swap_cache(f);
	folio_put(f);
}
#define free_page_and_swap_cache(p) w_free_page_and_swap_cache(w_head_of(p))
#define free_folio_and_swap_cache(f) w_free_page_and_swap_cache(f)

/* folio_add_lru, mm/swap.c */
#define folio_add_lru(f) folio_set_lru(f)

/* Which sizes may be collapsed to: 2M alone, or any from four pages on. */
#define collapse_possible_orders(vma, flags, type) ((void)(type), W.scn->salt & 0x100 ? 0x3fcUL : 1UL << HPAGE_PMD_ORDER)
/* What a scan leads to, as the scan sees it: done, or given up. */
static inline bool w_collapsed(unsigned long addr, unsigned int order, int referenced, int unmapped)
{
	w_step();
	W.facts.calls = W.facts.calls * 31 + (unsigned int)(addr >> PAGE_SHIFT) + order * 0x10001 + (unsigned int)(referenced * 7 + unmapped);
	W.facts.ncalls++;
	return !w_may_fail();
}
#define collapse_huge_page(mm, addr, referenced, unmapped, cc, ...) \
	((void)(cc), w_collapsed(addr, w_nth(9, ##__VA_ARGS__), referenced, unmapped) ? SCAN_SUCCEED : SCAN_ALLOC_HUGE_PAGE_FAIL)
#define mmap_read_unlock(mm) ((void)(mm))

#endif
