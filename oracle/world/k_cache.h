/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for the page cache: what a file holds at which offset, and the walk over it. Semantics: mm/filemap.c,
 * lib/xarray.c. The cache holds the scenario's folios of files, each where a slot maps it or could.
 */
#ifndef W_K_CACHE_H
#define W_K_CACHE_H

#define i_size_read(inode) ((void)sizeof(inode), (loff_t)(W.file_pages << PAGE_SHIFT))
#define shmem_mapping(mapping) \
	(w_trait(&W, CACHES_BY_CHANCE) ? W.scn->salt >> 8 & 1 : (void *)(mapping) == w_mapping_of(W_FOLIO_SHMEM))
#define vma_is_anon_shmem(vma) ((vma)->w_bits & W_V_SHARED && shmem_mapping(W.mapping))
/* One flag serves both, include/linux/page-flags.h. */
#define folio_test_readahead(f) folio_test_reclaim(f)
/* Locked folios keep those of the cache. */
#define folio_ref_inc(f) folio_get(f)
#define folio_ref_dec(f) folio_put(f)

struct xa_state { unsigned long xa_index, w_next; };
#define XA_STATE(name, xa, index) struct xa_state name = { (index), (index) }

/* Some of the offsets without a page hold the shadow of one that was reclaimed. */
#define w_shadow_at(index) (((index) * 5 + W.scn->salt & 7) == 0)
#define w_shadow ((void *)1)

static inline struct folio *w_cached_from(unsigned long index)
{
	struct folio *next = NULL;
	unsigned int i;

	for (i = 0; i < W.scn->nfolios; i++) {
		struct folio *f = (struct folio *)&W.pages[W.scn->folio[i].pfn];

		if (W.scn->folio[i].kind != W_FOLIO_ANON && f->index + (1UL << f->w_order) > index && (!next || f->index < next->index))
			next = f;
	}
	return next;
}

/* xas_next_entry: the first entry from here on; of a large folio that is the index asked for, or its first. */
static inline void *xas_next_entry(struct xa_state *xas, unsigned long last)
{
	struct folio *f = w_cached_from(xas->w_next);
	unsigned long at = f ? max(f->index, xas->w_next) : ~0UL;

	w_step();
	if (xas->w_next <= last && xas->w_next < at && w_shadow_at(xas->w_next)) {
		xas->xa_index = xas->w_next++;
		return w_shadow;
	}
	if (at > last)
		return NULL;
	xas->xa_index = at;
	xas->w_next = f->index + (1UL << f->w_order);
	return f;
}
#define xas_retry(xas, entry) W_ALWAYS(0, xas_retry, xas, entry)
/* Not the same any more when the folio was split or moved meanwhile. */
#define xas_reload(xas) (w_may_fail() ? NULL : (void *)w_cached_from((xas)->xa_index))

#endif
