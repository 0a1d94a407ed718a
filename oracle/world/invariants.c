/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules on the state that a run leaves, whatever the function was: counts agree with the tables, nothing that was dirty
 * is lost, no lock is held, nothing is stale once the caller's own flush is done. tally.c asks those on single entries.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "tally.h"

/* F4: the count of a swap entry is the number of PTEs that hold it (the scenario has no other users). */
static void check_swap(void)
{
	unsigned int type;

	for (type = 0; type < W_SWAP_TYPES; type++)
		if (memcmp(w_tallied.swap[type], W.swap_count[type], W.nswap * sizeof(short)))
			violate(F4, -1);
}

/* Writeback comes to it: a file system finds its folios by their tag, shmem and swap by the flag. */
static bool told(const struct w_folio *fo, const struct page *head)
{
	bool tagged = fo->kind != W_FOLIO_FILE || fo->bits & W_F_HUGETLB || head->flags >> W_PG_tagged & 1;

	return tagged && head->flags >> W_PG_dirty & 1;
}

/*
 * D1: a dirty page of a file stays dirty in a PTE or in the folio; so does an anon page where nothing is freed.
 * Unmapping tells the folio, which then is written to swap, or kept if it was to be freed lazily.
 */
static void check_dirty(const struct w_folio *fo, const struct page *head)
{
	bool keeps = fo->kind != W_FOLIO_ANON || w_trait(&W, KEEPS_DIRTY);
	unsigned int i;

	if (!keeps || (head->w_order && told(fo, head)))
		return;
	for (i = 0; i < 1U << fo->order; i++) /* after a split each has a flag of its own */
		if (w_start_dirty[fo->pfn + i] && !w_tallied.dirty[fo->pfn + i] && !told(fo, &W.pages[head[i].w_head]))
			violate(D1, -1);
}

/* A folio allocated on the way is held once for each mapping, and by the swap cache if there, or is free again. */
static void check_spares(void)
{
	unsigned int n, i;

	for (n = W.spares; n < W.npages; n += 1U << W.pages[n].w_order) {
		const struct page *head = &W.pages[n];
		int maps = 0, nr = 1 << head->w_order;

		for (i = 0; i < (unsigned int)nr; i++) {
			if (head[i]._mapcount.counter + 1 != w_tallied.maps[n + i])
				violate(G2, -1);
			maps += head[i]._mapcount.counter + 1;
		}
		if (nr > 1 && head->_large_mapcount.counter + 1 != maps)
			violate(G2, -1);
		if (maps + (head->flags >> W_PG_swapcache & 1 ? nr : 0) != head->_refcount.counter)
			violate(G3, -1);
	}
}

static void check_counts(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int f, i, m;

	for (m = 0; m < 2; m++)
		for (i = 0; i < W_RSS; i++)
			if (W.mm[m].rss[i] != w_tallied.rss[m][i])
				violate(G4, -1);
	for (f = 0; f < s->nfolios; f++) {
		const struct w_folio *fo = &s->folio[f];
		unsigned int nr = 1U << fo->order;
		struct page *head = &W.pages[fo->pfn];
		int extra = fo->bits & W_F_EXTRA_MAP ? 1 : 0, total = 0, refs = 0;

		for (i = 0; i < nr; i++) {
			int maps = head[i]._mapcount.counter + 1;

			total += maps;
			refs += head[i]._refcount.counter;
			/* A folio taken out of the swap cache has lost that one's references. */
			if (w_page_image[fo->pfn].flags & ~W.pages[head[i].w_head].flags & 1UL << W_PG_swapcache)
				refs++;
			if (maps != w_tallied.maps[fo->pfn + i] + extra)
				violate(G2, -1);
			/* E6: an exclusive page is mapped once. */
			if (head[i].flags >> W_PG_exclusive & 1 && maps > 1)
				violate(E6, -1);
		}
		total += head->_entire_mapcount.counter;
		if (head->_entire_mapcount.counter != w_tallied.whole[fo->pfn])
			violate(G2, -1);
		if (head->w_order && head->_large_mapcount.counter + 1 != total)
			violate(G2, -1);
		/* G3: references follow mappings. */
		if (refs - w_page_image[fo->pfn]._refcount.counter != total - w_start_maps[fo->pfn] + (int)w_tallied.refs[fo->pfn])
			violate(G3, -1);
		check_dirty(fo, head);
	}
}

void w_check_end(const struct w_side *side)
{
	unsigned int i;
	int held;

	/* T2: what the entry's own flushes and its caller's gather flush left stale; T9: only as to dirty. */
	if (W.nstale)
		for (i = 0; i < W_TABLES * W_SLOTS; i++)
			if (w_is_stale(i / W_SLOTS, i % W_SLOTS)) {
				w_unflushed(i / W_SLOTS, i % W_SLOTS);
				break;
			}
	for (i = 0; W.nstale && i < W_TABLES; i++)
		if (W.stale_pmd[i])
			violate(T2, (int)(i * W_SLOTS));
	if (W.facts.mapped > 0) /* below 0: the caller has mapped it */
		violate(L3, -1);
	if (W.lazy)
		violate(L5, -1);
	if (W.pml.held || W.mml.held || W.hvl.held)
		violate(L1, -1);
	held = W.pml.held + W.mml.held + W.hvl.held;
	for (i = 0; i < W_TABLES; held += W.ptl[i++].held)
		if (W.ptl[i].held)
			violate(L1, -1);
	if (W.rcu || W.atomic != held)	/* as the kernel warns of preempt_count() and RCU nesting */
		violate(X5, -1);
	w_tally(side);
	w_check_changes(side);
	w_check_agent(w_tallied.dirty, w_tallied.young);
	if (w_trait(&W, UNCOUNTED))
		return;
	check_counts();
	check_spares();
	check_swap();
}
