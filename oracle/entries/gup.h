/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the adapters of GUP, mm/gup.c: pages that are handed to somebody who holds them by a reference or a pin.
 * What holds: Documentation/core-api/pin_user_pages.rst, and try_grab_folio() in mm/gup.c. The holder gives all back in
 * the end, by what each must have got, so that one too many or too few shows in the counts as well.
 */
#define w_addr_of(at) (W_SRC_VA + (unsigned long)(at) * PAGE_SIZE)

/* The zero page is one like others to who holds it, but that it is never pinned. */
#define w_zero_page() (&W.pages[0])
enum { W_ZERO_REFS = 7 };

static inline struct page *w_first_of(const struct page *page) { return &W.pages[page->w_head]; }
static inline bool w_of_anon(const struct page *page) { return w_first_of(page)->flags >> W_PG_anon & 1; }

/* What a folio's counts gain for each page of it that is handed out. */
struct w_share { int refs, pins; };
static inline struct w_share w_share_of(const struct page *page, unsigned int flags)
{
	struct w_share one = { 0, 0 };

	if (flags & FOLL_GET || (flags & FOLL_PIN && page != w_zero_page()))
		one.refs = flags & FOLL_GET || w_first_of(page)->w_order ? 1 : W_PIN_BIAS;
	one.pins = flags & FOLL_PIN && w_first_of(page)->w_order;
	return one;
}

static inline void w_give_back(struct page *page, unsigned int flags)
{
	struct w_share one = w_share_of(page, flags);

	w_first_of(page)->_refcount.counter -= one.refs;
	w_first_of(page)->_pincount.counter -= one.pins;
}

static struct w_share w_held_before[W_MAX_FOLIOS];	/* the counts of each folio */

static inline void w_open_held(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int f;

	for (f = 0; f < s->nfolios; f++)
		w_held_before[f] = (struct w_share){ W.pages[s->folio[f].pfn]._refcount.counter, W.pages[s->folio[f].pfn]._pincount.counter };
	*w_zero_page() = (struct page){ .flags = 1U << W_PG_reserved, ._mapcount = { -1 }, ._large_mapcount = { -1 } };
	w_zero_page()->_refcount.counter = W_ZERO_REFS;
}

/* G11: once all is given back each folio is held as it was; of small ones the pins are references. */
static inline void w_check_held(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int f;

	for (f = 0; f < s->nfolios; f++) {
		const struct page *now = &W.pages[s->folio[f].pfn];

		if (now->_refcount.counter != w_held_before[f].refs || now->_pincount.counter != w_held_before[f].pins)
			w_violate(G11, -1);
	}
	if (w_zero_page()->_refcount.counter != W_ZERO_REFS)
		w_violate(G11, -1);
}

/* The page that an entry as it stands maps; NULL: none that is memory. */
static inline struct page *w_mapped_by(const struct w_pte *l)
{
	if (l->kind == W_SLOT_ZERO)
		return w_zero_page();
	return l->kind == W_SLOT_PAGE ? &W.pages[(l->pfn - W_PFN_BASE) % W_NPAGES] : NULL;
}

/* E8: no later write replaces the page that is pinned: an anonymous one is exclusive, none is to be copied on write. */
static inline void w_check_pinned(int at, const struct page *page, unsigned int flags)
{
	bool kept = w_of_anon(page) ? page->flags >> W_PG_exclusive & 1 :
		(flags & (FOLL_LONGTERM | FOLL_WRITE)) != FOLL_LONGTERM || W.scn->vma & W_V_SHARED;

	if (flags & FOLL_PIN && !kept)
		w_violate(E8, at);
}

/* Taken and given back while it ran; which number of vmstat is which differs by tree. */
static inline void w_count_pins(void)
{
	W.facts.out[2] += W.facts.out[3];
	W.facts.out[3] = 0;
}
