/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules on the state that a run leaves, whatever the function was: counts agree with the tables, permissions
 * with AnonExclusive, contpte blocks are whole, nothing is stale once the caller's own flush is done.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

#define violate(rule, slot) w_violate_at(W_RULE_##rule, slot, 0)

struct tally {
	int rss[2][W_RSS];
	unsigned short maps[W_NPAGES];
	unsigned short refs[W_NPAGES];	/* by first page: references that PTEs hold beyond mappings */
	unsigned char dirty[W_NPAGES], young[W_NPAGES];
	unsigned short whole[W_NPAGES];	/* by first page: entries that map all of the folio */
	short swap[W_SWAP_TYPES][W_SWAP_SLOTS];
};
static struct tally now;

static int rss_index(const struct page *head)
{
	if (head->flags >> W_PG_anon & 1)
		return 1;
	return head->mapping == w_mapping_of(W_FOLIO_SHMEM) ? 3 : 0;
}

static void tally_page(const struct w_side *side, const struct w_pte *l, unsigned int t, int at)
{
	unsigned int n = (unsigned int)(l->pfn - W_PFN_BASE);
	struct page *page, *head;

	if (n >= W.npages)
		return;
	page = &W.pages[n];
	head = &W.pages[page->w_head];
	now.rss[t >> 1 & w_trait(&W, COPIES)][rss_index(head)]++;
	if (l->kind == W_SLOT_DEV_EXCL && side->dev_excl_mapped)
		now.maps[n]++;
	else if (l->kind == W_SLOT_DEV_EXCL)
		now.refs[page->w_head]++;
	now.maps[n] += l->kind == W_SLOT_DEV_PRIV;
	if (l->kind != W_SLOT_PAGE)
		return;
	now.maps[n]++;
	now.dirty[n] |= (l->bits & W_DIRTY) != 0;
	now.young[n] |= (l->bits & W_YOUNG) != 0;
	/* E2: a writable private anon PTE needs AnonExclusive; D6: uffd-wp and writable exclude each other. */
	if (l->bits & W_WRITE && head->flags >> W_PG_anon & 1 && !(page->flags >> W_PG_exclusive & 1))
		violate(E2, at);
	if (l->bits & W_WRITE && l->bits & W_WP)
		violate(D6, at);
	/* S8: what was made lazily freeable by this call is old and clean, else it would not be freed. */
	if (w_trait(&W, FREES_LAZILY) && at >= W.scn->start && at < W.scn->end &&
	    (l->bits & (W_DIRTY | W_YOUNG) || head->flags >> W_PG_dirty & 1) &&
	    w_page_image[w_page_image[n].w_head].flags & ~head->flags & 1UL << W_PG_swapbacked)
		violate(S8, at);
}

/* E3: a swap or migration entry that parent and child hold is exclusive in neither. */
static void check_child(const struct w_side *side, const struct w_pte *l, unsigned int t, unsigned int i)
{
	struct w_pte parent;

	w_decode_fast(side, W.tab[t - 2][i], &parent);
	if (l->kind == W_SLOT_SWAP && parent.kind == W_SLOT_SWAP && (l->bits | parent.bits) & W_EXCL)
		violate(E3, (int)(t * W_SLOTS + i));
	if (l->pfn - W_PFN_BASE < W.npages && W.pages[W.pages[l->pfn - W_PFN_BASE].w_head].flags >> W_PG_anon & 1 &&
	    (l->kind == W_SLOT_MIG_WRITE || l->kind == W_SLOT_MIG_EXCL ||
	     parent.kind == W_SLOT_MIG_WRITE || parent.kind == W_SLOT_MIG_EXCL))
		violate(E3, (int)(t * W_SLOTS + i));
}

/* C1, C2, C4: a block with the contiguous bit is aligned, complete and uniform but for accessed and dirty. */
static void check_block(const struct w_side *side, unsigned int t, unsigned int slot)
{
	unsigned int first = slot & ~(W_BLOCK - 1), i;
	const unsigned long *b = &W.tab[t][first];
	unsigned long mask = ~(W_HW_AD_MASK | W_HW_PFN_MASK);

	if (side->cont_ptes == 1)
		return;
	for (i = 0; i < W_BLOCK; i++) {
		if (!W_HW_VALID(b[i]) || !W_HW_CONT(b[i]) || (b[i] & mask) != (b[0] & mask)) {
			violate(C4, (int)(t * W_SLOTS + first + i));
			return;
		}
		if (W_HW_PFN(b[i]) != W_HW_PFN(b[0]) + i) {
			violate(C2, (int)(t * W_SLOTS + first + i));
			return;
		}
	}
	i = (unsigned int)(W_HW_PFN(b[0]) - W_PFN_BASE);
	if (W_HW_PFN(b[0]) & (W_BLOCK - 1))
		violate(C1, (int)(t * W_SLOTS + first));
	if (W.scn->mm & 1) /* a kernel mapping */
		violate(C2, (int)(t * W_SLOTS + first));
	if (i + W_BLOCK - 1 < W.npages && W.pages[i].w_head != W.pages[i + W_BLOCK - 1].w_head)
		violate(C2, (int)(t * W_SLOTS + first));
}

static void tally_huge(const struct w_side *side, unsigned int t)
{
	unsigned int n = (unsigned int)(W_HW_PFN(W.pmd[t]) - W_PFN_BASE);
	const struct page *head;
	struct w_pte l;

	if (n >= W.npages)
		return;
	head = &W.pages[n];
	now.rss[0][head->flags >> W_PG_hugetlb & 1 ? W_RSS_HUGETLB : rss_index(head)] += W_HUGE_NR;
	now.whole[n]++;
	w_decode_fast(side, W_HW_FROM_LEAF(W.pmd[t]), &l);
	if (l.bits & W_DIRTY)
		memset(&now.dirty[n], 1, W_HUGE_NR);
	if (l.bits & W_WRITE && head->flags >> W_PG_anon & 1 && !(head->flags >> W_PG_exclusive & 1))
		violate(E2, (int)(t * W_SLOTS));
}

/* Where hugetlb had a page there may be a migration entry, which counts as one. */
static void tally_moving(const struct w_side *side, unsigned int t)
{
	struct w_pte l;

	w_decode_fast(side, W.pmd[t], &l);
	if (l.kind >= W_SLOT_MIG_READ && l.kind <= W_SLOT_MIG_WRITE)
		now.rss[0][W_RSS_HUGETLB] += W_HUGE_NR;
}

static void walk_tables(const struct w_side *side)
{
	unsigned int t, i;

	for (t = 0; t < W_TABLES; t++) {
		/* Only what the scenario filled or the run wrote can be other than none. */
		unsigned int lo = W.dirty_lo[t], hi = W.dirty_hi[t];
		const struct w_scenario *s = W.scn;

		if (t < 2 && W_HW_LEAF(W.pmd[t]))
			tally_huge(side, t);
		else if (t < 2 && s->vma & W_V_HUGETLB && !w_linked(t))
			tally_moving(side, t);
		if (t < 2 && s->nslots) {
			unsigned int a = s->first > t * W_SLOTS ? s->first - t * W_SLOTS : 0;
			unsigned int end = (unsigned int)s->first + s->nslots, b = end > t * W_SLOTS ? end - t * W_SLOTS : 0;

			lo = a < lo ? a : lo;
			hi = (b < W_SLOTS ? b : W_SLOTS) > hi ? (b < W_SLOTS ? b : W_SLOTS) : hi;
		}
		for (i = lo; i < hi; i++) {
			unsigned long raw = W.tab[t][i];
			struct w_pte l;

			if (!raw)
				continue;
			w_decode_fast(side, raw, &l);
			if (l.kind == W_SLOT_SWAP) {
				/* Entries of other types, such as of a poisoned page, are not swap. */
				now.rss[t >> 1 & w_trait(&W, COPIES)][2] += l.type < W_SWAP_TYPES;
				if (l.type < W_SWAP_TYPES && l.pfn < W_SWAP_SLOTS)
					now.swap[l.type][l.pfn]++;
			} else if (l.kind != W_SLOT_ZERO && l.kind != W_SLOT_SPECIAL && (l.kind < W_SLOT_MARKER_WP || l.kind == W_SLOT_DEV_PRIV)) {
				tally_page(side, &l, t, (int)(t * W_SLOTS + i));
			}
			if (t == 2 && w_trait(&W, MOVES))
				w_check_moved(side, &l, i);
			if (t >= 2 && w_trait(&W, COPIES))
				check_child(side, &l, t, i);
			if (W_HW_VALID(raw) && W_HW_CONT(raw) && (!(i & (W_BLOCK - 1)) || i == lo || !W_HW_CONT(W.tab[t][i - 1])))
				check_block(side, t, i);
		}
	}
}

/* F4: the count of a swap entry is the number of PTEs that hold it (the scenario has no other users). */
static void check_swap(void)
{
	unsigned int type;

	for (type = 0; type < W_SWAP_TYPES; type++)
		if (memcmp(now.swap[type], W.swap_count[type], W.nswap * sizeof(short)))
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
		if (w_start_dirty[fo->pfn + i] && !now.dirty[fo->pfn + i] && !told(fo, &W.pages[head[i].w_head]))
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
			if (head[i]._mapcount.counter + 1 != now.maps[n + i])
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
			if (W.mm[m].rss[i] != now.rss[m][i])
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
			if (maps != now.maps[fo->pfn + i] + extra)
				violate(G2, -1);
			/* E6: an exclusive page is mapped once. */
			if (head[i].flags >> W_PG_exclusive & 1 && maps > 1)
				violate(E6, -1);
		}
		total += head->_entire_mapcount.counter;
		if (head->_entire_mapcount.counter != now.whole[fo->pfn])
			violate(G2, -1);
		if (head->w_order && head->_large_mapcount.counter + 1 != total)
			violate(G2, -1);
		/* G3: references follow mappings. */
		if (refs - w_page_image[fo->pfn]._refcount.counter != total - w_start_maps[fo->pfn] + (int)now.refs[fo->pfn])
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
	memset(&now.rss, 0, sizeof(now.rss));
	memset(now.maps, 0, sizeof(now.maps[0]) * W.npages);
	memset(now.refs, 0, sizeof(now.refs[0]) * W.npages);
	memset(now.whole, 0, sizeof(now.whole[0]) * W.npages);
	memset(now.dirty, 0, sizeof(now.dirty[0]) * W.npages);
	memset(now.young, 0, sizeof(now.young[0]) * W.npages);
	for (i = 0; i < W_SWAP_TYPES; i++)
		memset(now.swap[i], 0, W.nswap * sizeof(short));
	walk_tables(side);
	w_check_changes(side);
	w_check_agent(now.dirty, now.young);
	if (w_trait(&W, UNCOUNTED))
		return;
	check_counts();
	check_spares();
	check_swap();
}
