/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A walk over the tables that a run leaves: adds up what they hold, and asks the rules on what an entry, a folded block
 * or a huge page says, whatever the function was: permissions agree with AnonExclusive, contpte blocks are whole.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "tally.h"

struct w_tally w_tallied;

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
	w_tallied.rss[t >> 1 & w_trait(&W, COPIES)][rss_index(head)]++;
	if (l->kind == W_SLOT_DEV_EXCL && side->dev_excl_mapped)
		w_tallied.maps[n]++;
	else if (l->kind == W_SLOT_DEV_EXCL)
		w_tallied.refs[page->w_head]++;
	w_tallied.maps[n] += l->kind == W_SLOT_DEV_PRIV;
	if (l->kind != W_SLOT_PAGE)
		return;
	w_tallied.maps[n]++;
	w_tallied.dirty[n] |= (l->bits & W_DIRTY) != 0;
	w_tallied.young[n] |= (l->bits & W_YOUNG) != 0;
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
	w_tallied.rss[0][head->flags >> W_PG_hugetlb & 1 ? W_RSS_HUGETLB : rss_index(head)] += W_HUGE_NR;
	w_tallied.whole[n]++;
	w_decode_fast(side, W_HW_FROM_LEAF(W.pmd[t]), &l);
	if (l.bits & W_DIRTY)
		memset(&w_tallied.dirty[n], 1, W_HUGE_NR);
	if (l.bits & W_WRITE && head->flags >> W_PG_anon & 1 && !(head->flags >> W_PG_exclusive & 1))
		violate(E2, (int)(t * W_SLOTS));
}

/* Where hugetlb had a page there may be a migration entry, which counts as one. */
static void tally_moving(const struct w_side *side, unsigned int t)
{
	struct w_pte l;

	w_decode_fast(side, W.pmd[t], &l);
	if (l.kind >= W_SLOT_MIG_READ && l.kind <= W_SLOT_MIG_WRITE)
		w_tallied.rss[0][W_RSS_HUGETLB] += W_HUGE_NR;
}

static void clear(void)
{
	unsigned int i;

	memset(&w_tallied.rss, 0, sizeof(w_tallied.rss));
	memset(w_tallied.maps, 0, sizeof(w_tallied.maps[0]) * W.npages);
	memset(w_tallied.refs, 0, sizeof(w_tallied.refs[0]) * W.npages);
	memset(w_tallied.whole, 0, sizeof(w_tallied.whole[0]) * W.npages);
	memset(w_tallied.dirty, 0, sizeof(w_tallied.dirty[0]) * W.npages);
	memset(w_tallied.young, 0, sizeof(w_tallied.young[0]) * W.npages);
	for (i = 0; i < W_SWAP_TYPES; i++)
		memset(w_tallied.swap[i], 0, W.nswap * sizeof(short));
}

void w_tally(const struct w_side *side)
{
	unsigned int t, i;

	clear();
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
				w_tallied.rss[t >> 1 & w_trait(&W, COPIES)][2] += l.type < W_SWAP_TYPES;
				if (l.type < W_SWAP_TYPES && l.pfn < W_SWAP_SLOTS)
					w_tallied.swap[l.type][l.pfn]++;
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
