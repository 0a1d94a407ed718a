/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for files, the page cache and the swap cache as functions that only look see them. What they hold is
 * a choice of the scenario. Semantics: mm/filemap.c, mm/swap_state.c, include/linux/fs.h.
 */
#ifndef W_K_FILE_H
#define W_K_FILE_H

#define file_owner_or_capable(file) (W.scn->salt >> 13 & 1)
#define file_permission(file, mask) (W.scn->salt >> 14 & 1 ? -EPERM : 0)

#define xa_is_value(entry) (((unsigned long)(entry) & 1) != 0)
#define radix_to_swp_entry(entry) ((swp_entry_t){ (unsigned long)(entry) >> 1 })

/* A folio of the scenario, held once more; whether it is up to date follows from the index. */
static inline struct folio *w_cached_folio(unsigned long index)
{
	struct folio *f;

	if (!W.scn->nfolios)
		return NULL;
	f = (struct folio *)&W.pages[W.scn->folio[index % W.scn->nfolios].pfn];
	if (index & 1)
		folio_set_uptodate(f);
	else
		folio_clear_uptodate(f);
	folio_get(f);
	return f;
}
/* Nothing, a swap entry of shmem, or a folio. */
static inline struct folio *w_cache_entry(unsigned long index)
{
	unsigned long h = (index + W.scn->salt) * 0x9e3779b97f4a7c15UL >> 40;

	w_step();
	if (h & 1)
		return NULL;
	if (h & 2)
		return (struct folio *)(((h >> 2 & 63) + 1) << 1 | 1);
	return w_cached_folio(h >> 2);
}
#define filemap_get_entry(mapping, index) ((void)(mapping), w_cache_entry(index))
/* mm/swap_state.c, until 6.17: looks swap entries up by itself. */
static inline struct folio *w_incore_folio(unsigned long index)
{
	struct folio *f = w_cache_entry(index);

	return !f || xa_is_value(f) ? ERR_PTR(-ENOENT) : f;
}
#define filemap_get_incore_folio(mapping, index) ((void)(mapping), w_incore_folio(index))
static inline struct folio *w_swap_cached(swp_entry_t e)
{
	unsigned long h = (e.val + W.scn->salt) * 0xff51afd7ed558ccdUL >> 40;

	w_step();
	return h & 1 ? NULL : w_cached_folio(h >> 1);
}
/* mm/swap_state.c: may sleep. From 7.3 on the first argument is the context of the reads. */
static inline struct folio *w_read_swap(swp_entry_t e)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++)
		if (W.ptl[t].held)
			w_violate(L1, -1);
	(void)w_stub("read_swap_cache_async", e.val);
	return w_swap_cached(e);
}
#define GFP_HIGHUSER_MOVABLE 0U
#define read_swap_cache_async(first, second, ...) w_read_swap(_Generic((first), swp_entry_t: (first), default: (second)))
#define swap_read_unplug(plug) ((void)(plug))
#define swap_read_submit(context) ((void)(context))

#endif
