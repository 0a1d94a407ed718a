/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refinement: what of the second state goes beyond what the first allows. The judge decides what each
 * difference means; here each is only named and placed.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "compare.h"

/* Where mappings differ, counts follow them: that those are right for each side is for rules G2 to G4 and F4 to say. */
#define MAPPINGS (1UL << W_DIFF_KEPT | 1UL << W_DIFF_PRESENCE | 1UL << W_DIFF_EXTENT | 1UL << W_DIFF_ENTRY | 1UL << W_DIFF_PFN)

/*
 * Counts follow the tables, and so does what an unmap tells the folio (D1): where those may differ (agree: do not; codes:
 * KEPT and EXTENT) these do. To be split later means nothing for a folio that is no longer mapped.
 */
static void compare_pages(const struct w_snap *a, const struct w_snap *b, bool agree, struct w_differences *out)
{
	const bool kept = out->codes >> W_DIFF_KEPT & 1, same = !kept && !(out->codes >> W_DIFF_EXTENT & 1);
	const unsigned long dirty = 1UL << W_PG_dirty | 1UL << W_PG_tagged, exclusive = 1UL << W_PG_exclusive,
			    soft = 1UL << W_PG_referenced;
	unsigned int i;

	static const struct page none = { ._mapcount = { -1 }, ._large_mapcount = { -1 } };

	for (i = 0; i < a->npages || i < b->npages; i++) {
		const struct page *p = i < a->npages ? w_page_of(a, i) : &none, *q = i < b->npages ? w_page_of(b, i) : &none;

		bool gone = p->_large_mapcount.counter < 0 && q->_large_mapcount.counter < 0;
		unsigned long harmless = dirty | exclusive | soft | (gone ? 1UL << W_PG_partially_mapped : 0);

		/* A page that one side unmapped and the other kept is exclusive where it is mapped. */
		if ((p->flags ^ q->flags) & exclusive && (same || p->_mapcount.counter == q->_mapcount.counter))
			w_differ(out, W_DIFF_EXCLUSIVE, (int)i);
		if (kept)
			continue;
		if (p->flags & ~q->flags & dirty)
			w_differ(out, W_DIFF_FOLIO_DIRTY_LOST, (int)i);
		if (q->flags & ~p->flags & dirty)
			w_differ(out, W_DIFF_FOLIO_DIRTY_GAINED, (int)i);
		/* Of a folio, to be set once, so however PTEs are batched; walks that age have other ways to tell it. */
		if (w_trait(&W, TELLS_ACCESSED) && p->flags & ~q->flags & soft)
			w_differ(out, W_DIFF_ACCESSED_LOST, (int)i);
		if (same && ((p->flags ^ q->flags) & ~harmless || p->mapping != q->mapping))
			w_differ(out, W_DIFF_FOLIO_FLAGS, (int)i);
		if (agree && (p->_mapcount.counter != q->_mapcount.counter || p->_large_mapcount.counter != q->_large_mapcount.counter))
			w_differ(out, W_DIFF_MAPCOUNT, (int)i);
		if (agree && (p->_refcount.counter != q->_refcount.counter || p->_pincount.counter != q->_pincount.counter))
			w_differ(out, W_DIFF_REFCOUNT, (int)i);
	}
}

bool w_same(const struct w_snap *a, const struct w_snap *b)
{
	unsigned int t;

	if (a->ending != b->ending || a->violated != b->violated || memcmp(&a->facts, &b->facts, sizeof(a->facts)) ||
	    !w_order_same(&a->order, &b->order) ||
	    memcmp(a->lo, b->lo, sizeof(a->lo)) || memcmp(a->hi, b->hi, sizeof(a->hi)) || !w_pages_same(a, b))
		return false;
	for (t = 0; t < W_TABLES; t++)
		if (a->lo[t] < a->hi[t] && memcmp(&a->tab[t][a->lo[t]], &b->tab[t][a->lo[t]], (a->hi[t] - a->lo[t]) * 8))
			return false;
	for (t = 0; t < W_SWAP_TYPES; t++)
		if (memcmp(a->swap_count[t], b->swap_count[t], a->nswap * sizeof(short)))
			return false;
	return true;
}

#define SAME_WORK ((W_HARMLESS_CODES & ~(1UL << W_DIFF_KEPT | 1UL << W_DIFF_EXTENT)) | 1UL << W_DIFF_CALLS)

/* The slot of these is the kind of barrier and the pair of accesses: kind, then the one after, then the one before. */
static void compare_order(const struct w_order *a, const struct w_order *b, struct w_differences *out)
{
	unsigned int kind;
	unsigned long pairs;

	for (kind = 0; kind < W_NBARRIERS; kind++) {
		for (pairs = w_order_lost(a, b, kind); pairs; pairs &= pairs - 1)
			w_differ(out, W_DIFF_ORDER_LOST, (int)(kind * 64) + __builtin_ctzl(pairs));
		for (pairs = w_order_lost(b, a, kind); pairs; pairs &= pairs - 1)
			w_differ(out, W_DIFF_ORDER_GAINED, (int)(kind * 64) + __builtin_ctzl(pairs));
	}
}

void w_compare(const struct w_side *side, const struct w_snap *a, const struct w_snap *b, struct w_differences *out)
{
	bool gave_up = w_trait(side, MAY_GIVE_UP) && !a->facts.ret && !b->facts.ret, agree;
	unsigned int t, i;

	out->n = out->total = 0;
	out->codes = 0;
	if (a->ending == W_UNMODELLED || b->ending == W_UNMODELLED)
		return; /* says nothing */
	if (a->failed != b->failed)
		return; /* the call that fails, which is told by its number, was one that the other did not make */
	if (a->ending != b->ending) {
		w_differ(out, W_DIFF_ENDING, -1);
		return;
	}
	if (a->ending != W_RETURNED)
		return; /* neither came to an end: nothing further to compare */
	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = a->lo[t] < b->lo[t] ? a->lo[t] : b->lo[t], hi = a->hi[t] > b->hi[t] ? a->hi[t] : b->hi[t];

		for (i = lo; i < hi; i++)
			if (w_entry_of(a, t, i) != w_entry_of(b, t, i))
				w_compare_entry(side, a, b, t, i, gave_up, out);
	}
	w_compare_huge(side, a, b, out);
	agree = !(out->codes & MAPPINGS);
	compare_pages(a, b, agree, out);
	if (a->facts.ret != b->facts.ret || memcmp(a->facts.out, b->facts.out, sizeof(a->facts.out)))
		w_differ(out, W_DIFF_RETURN, -1);
	if (agree && memcmp(a->facts.rss, b->facts.rss, sizeof(a->facts.rss)))
		w_differ(out, W_DIFF_RSS, -1);
	for (t = 0; agree && t < W_SWAP_TYPES; t++)
		if (memcmp(a->swap_count[t], b->swap_count[t], a->nswap * sizeof(short)))
			w_differ(out, W_DIFF_SWAP_COUNT, -1);
	if (a->facts.calls != b->facts.calls || a->facts.ncalls != b->facts.ncalls)
		w_differ(out, W_DIFF_CALLS, -1);
	if (a->facts.notify_start != b->facts.notify_start || a->facts.notify_end != b->facts.notify_end ||
	    a->facts.notify_open != b->facts.notify_open)
		w_differ(out, W_DIFF_NOTIFIER, -1);
	if (a->facts.mapped != b->facts.mapped)
		w_differ(out, W_DIFF_MAPPED, -1);
	/* Where more differs, or an unmap gave up elsewhere, other work was done, and other accesses are in order. */
	if (!(out->codes & ~SAME_WORK))
		compare_order(&a->order, &b->order, out);
}
