/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for swapping in: the swap cache, and reading what is not in it. Semantics: mm/swap_state.c,
 * mm/swapfile.c, mm/swap_io.c. What the device is like is a choice of the scenario.
 */
#ifndef W_K_SWAPIN_H
#define W_K_SWAPIN_H

#define w_swap_flags() ((W.scn->salt >> 9 & 1 ? SWP_SYNCHRONOUS_IO : 0) | (W.scn->salt >> 10 & 1 ? SWP_STABLE_WRITES : 0))
#define w_faulting_device() ({ \
	static struct swap_info_struct w_si; \
	w_si.flags = w_swap_flags(); \
	w_may_fail() ? NULL : &w_si; })
/* Walks that only look and moves of userfaultfd have simpler ideas of a device. */
#define get_swap_device(e) ((void)(e), w_trait(&W, SWAPS_IN) ? w_faulting_device() : w_trait(&W, CACHES_BY_CHANCE) ? \
	((e).val & 8 ? (struct swap_info_struct *)0x4000 : NULL) : w_may_fail() ? NULL : w_device)
#define put_swap_device(si) ((void)(si))
#define mem_cgroup_swap_full(f) ((void)(f), W.scn->salt >> 13 & 1)
#define zswap_never_enabled() (W.scn->salt >> 14 & 1)
#define __swap_count(entry) (*w_swap(entry, 0))
#define swp_swapcount(entry) __swap_count(entry)

/* The folio of the swap cache that holds the entry. */
static inline struct folio *w_swapcache(swp_entry_t e)
{
	unsigned int i, n;

	for (i = 0; i < W.scn->nfolios; i++) {
		struct folio *f = (struct folio *)&W.pages[W.scn->folio[i].pfn];

		if (folio_test_swapcache(f) && e.val - f->swap.val < (unsigned long)folio_nr_pages(f))
			return f;
	}
	for (n = W.spares; n < W.npages; n += 1U << W.pages[n].w_order) {
		struct folio *f = (struct folio *)&W.pages[n];

		if (folio_test_swapcache(f) && e.val - f->swap.val < (unsigned long)folio_nr_pages(f))
			return f;
	}
	return NULL;
}
static inline struct folio *w_swapcache_get(swp_entry_t e)
{
	struct folio *f = w_swapcache(e);

	return f && folio_try_get(f) ? f : NULL;
}
static inline struct folio *w_swap_cache(swp_entry_t e)
{
	if (w_trait(&W, FAULTS))
		return w_swapcache_get(e);
	return w_trait(&W, CACHES_BY_CHANCE) ? w_swap_cached(e) : w_swap_cache_lookup(e);
}
#define swap_cache_get_folio(entry, ...) w_swap_cache(entry)
#define swap_update_readahead(f, vma, addr) ((void)(f))

/* Only what is swapped out and not in the cache can be read into it; offset 0 never is, the header lies there. */
static inline bool w_can_swapin(swp_entry_t e, unsigned long nr)
{
	unsigned long type = e.val >> W_SWAP_TYPE_SHIFT, at = e.val & 0xffffff, end = at + nr;

	for (; at < end; at++, e.val++)
		if (type >= W_SWAP_TYPES || at >= W.nswap || W.swap_count[type][at] <= 0 || w_swapcache(e))
			return false;
	return true;
}

/* swap_cache_del_folio, mm/swap_state.c: out of the cache, whatever entries are left. */
static inline void swap_cache_del_folio(struct folio *f)
{
	if (!folio_test_locked(f) || !folio_test_swapcache(f) || folio_test_writeback(f))
		w_violate(X5, -1);
	folio_clear_swapcache(f);
	f->swap.val = 0;
	folio_put_refs(f, (int)folio_nr_pages(f));
}

/* swap_cache_alloc_folio and swap_read_folio: the largest order that can be had, read by the time it is returned. */
static inline struct folio *w_swapin(swp_entry_t e, unsigned long orders)
{
	for (; orders; orders &= ~(1UL << __fls(orders))) {
		unsigned int order = (unsigned int)__fls(orders);
		swp_entry_t first = { e.val & ~((1UL << order) - 1) };
		struct folio *f = w_can_swapin(first, 1UL << order) ? w_alloc_folio_of(order) : NULL;

		if (!f)
			continue;
		folio_set_swapbacked(f);
		folio_set_swapcache(f);
		f->swap = first;
		folio_ref_add(f, 1 << order);
		folio_set_lru(f);
		if (!w_may_fail()) /* else the device could not read it */
			folio_set_uptodate(f);
		return f;
	}
	return NULL;
}
#define swapin_sync(entry, gfp, orders, ...) ({ struct folio *w_f = w_swapin(entry, orders); w_f ? w_f : ERR_PTR(-ENOMEM); })
#define swapin_readahead(entry, gfp, vmf) ((void)(vmf), w_swapin(entry, 1))

/* Until 6.18 do_swap_page itself reads into a folio outside of the cache. */
static inline int w_uncached(swp_entry_t e, int nr)
{
	int i;

	for (i = 0; i < nr; i++, e.val++)
		if (w_swapcache(e))
			break;
	return i;
}
#define non_swapcache_batch(entry, nr) w_uncached(entry, nr)
/* Pages of zeroes are not written out; how many are, or are not, alike. */
#define swap_zeromap_batch(entry, nr, ...) (w_may_fail() ? 1 : (nr))
#define swapcache_prepare(entry, nr) (!w_can_swapin(entry, (unsigned long)(nr)) || w_may_fail() ? -EEXIST : 0)
#define swapcache_clear(si, entry, nr) ((void)(si))
#define mem_cgroup_swapin_charge_folio(f, mm, gfp, entry) ((void)(f), w_may_fail() ? -ENOMEM : 0)
#define mem_cgroup_swapin_uncharge_swap(entry, nr) ((void)(nr))
#define get_shadow_from_swap_cache(entry) NULL
#define workingset_refault(f, shadow) ((void)(f))
#define swap_read_folio(f, plug) do { if (!w_may_fail()) folio_set_uptodate(f); folio_unlock(f); } while (0)
#define DECLARE_WAITQUEUE(name, task) int name = 0
#define add_wait_queue(queue, wait) ((void)(wait))
#define remove_wait_queue(queue, wait) ((void)(wait))
#define schedule_timeout_uninterruptible(n) w_note(n)
#define waitqueue_active(queue) 0
#define wake_up(queue) w_note(queue)

/*
 * ksm_might_need_to_copy, mm/ksm.c: a KSM page not known any more, or one faulted in elsewhere than its anon VMA
 * has it, is copied; the copy comes locked. Which are is a choice of the scenario.
 */
static inline struct folio *w_ksm_copy(struct folio *f)
{
	struct folio *copy;

	if (f->w_order || !folio_test_anon(f) || W.scn->salt >> 4 & 3)
		return f;
	if (PageHWPoison(&f->page))
		return ERR_PTR(-EHWPOISON);
	if (!folio_test_uptodate(f))
		return f;
	copy = w_alloc_folio();
	if (!copy)
		return NULL;
	if (w_may_fail()) {
		folio_put(copy);
		return ERR_PTR(-EHWPOISON);
	}
	folio_set_dirty(copy);
	folio_set_uptodate(copy);
	folio_set_locked(copy);
	return copy;
}
#define ksm_might_need_to_copy(f, vma, addr) ((void)(vma), w_ksm_copy(f))

#endif
