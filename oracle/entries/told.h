/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc reads of an entry, by the world's own look at it. */
static inline bool w_by_pmd(void) { return W.scn->slot[0].kind == W_SLOT_PMD; }

/* C3: what a folded block's entries say together. */
static inline unsigned char w_block_bits(const unsigned long *block)
{
	unsigned char bits = 0;
	unsigned int i;

	for (i = 0; i < W_BLOCK; i++)
		bits |= (unsigned char)((W_HW_YOUNG(block[i]) ? W_YOUNG : 0) | (W_HW_ANY_DIRTY(block[i]) ? W_DIRTY : 0));
	return bits;
}

/* The entry of a slot; of a huge page the PMD as an entry of its first page. */
static inline void w_read(unsigned int at, struct w_pte *l)
{
	const unsigned long *pte = &W.tab[at / W_SLOTS][at % W_SLOTS];

	w_decode(w_by_pmd() ? W_HW_FROM_LEAF(W.pmd[at / W_SLOTS]) : *pte, l);
	if (l->bits & W_CONT && !w_by_pmd())
		l->bits |= w_block_bits(pte - at % W_BLOCK);
}

/* The page it maps or stands for; NULL where there is no struct page. */
static inline struct page *w_page_of(const struct w_pte *l)
{
	bool has = l->kind == W_SLOT_PAGE || l->kind == W_SLOT_DEV_PRIV || (l->kind >= W_SLOT_MIG_READ && l->kind <= W_SLOT_DEV_EXCL);

	return has ? &W.pages[l->pfn - W_PFN_BASE] : NULL;
}

static inline int w_maps_of(const struct page *page)
{
	return page->_mapcount.counter + 1 + W.pages[page->w_head]._entire_mapcount.counter;
}

/* Meanwhile a child maps every third page, by an entry of its own: by = 1, and -1 after. */
static inline void w_share_pages(int by)
{
	const struct w_scenario *s = W.scn;
	unsigned int f, i;

	for (f = 0; by && f < s->nfolios; f++)
		for (i = 0; i < 1U << s->folio[f].order; i++) {
			struct page *page = &W.pages[s->folio[f].pfn + i];

			if ((s->folio[f].pfn + i) % 3)
				continue;
			page->_mapcount.counter += by;
			W.pages[page->w_head]._large_mapcount.counter += s->folio[f].order ? by : 0;
			W.pages[page->w_head]._refcount.counter += by;
		}
}

/* Pages that a device has are told of as well; since 6.19 folios of it may be large. */
#ifdef HAVE_softleaf_is_device_private
#define W_TOLD_OF (W_WANT_DEVICE | W_WANT_LARGE_DEVICE)
#else
#define W_TOLD_OF W_WANT_DEVICE
#endif
