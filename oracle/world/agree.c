/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What flavours with pages of one size agree on: the logical state that the code after the patch leaves, as one
 * number for each aspect. Both start from the same scenario, cut down to what both can represent: soft-dirty, which
 * arm64 may not have and x86 sets along with dirty, is left out, and accessed and dirty are alike over each folio, so
 * that merging them over a batch where only one flavour batches changes nothing. Within a contpte block they are merged.
 */
#undef bool
#include "hw.h"
#include "runtime.h"

static struct w_snap state;

/* Accessed and dirty of one entry of a folio become those of all its entries; soft-dirty goes. */
static void level(struct w_scenario *s)
{
	unsigned int i, merged[W_MAX_FOLIOS] = { 0 };

	s->vma |= W_V_SOFTDIRTY;
	s->mm &= (unsigned int)W_MM_AGENT - 1; /* nobody else acts, and nothing fails */
	for (i = 0; i < s->nslots; i++)
		if (s->slot[i].kind == W_SLOT_PAGE)
			merged[s->slot[i].folio] |= s->slot[i].bits & (W_DIRTY | W_YOUNG);
	for (i = 0; i < s->nslots; i++) {
		s->slot[i].bits &= (unsigned char)~W_SOFT;
		if (s->slot[i].kind == W_SLOT_PAGE)
			s->slot[i].bits |= (unsigned char)merged[s->slot[i].folio];
	}
}

static void mix(unsigned long *h, unsigned long v)
{
	*h = (*h ^ v) * 0x9e3779b97f4a7c15UL;
	*h ^= *h >> 29;
}

/*
 * Dirty of the entries of a block that may be folded, whether it is or not: what one of them says all do then
 * (contpte_convert, arch/arm64/mm/contpte.c). 0 for a block that may not be: there each speaks for itself.
 */
static unsigned int merged_dirty(const struct w_side *side, unsigned int t, unsigned int first)
{
	const unsigned int alike = W_WRITE | W_WP | W_PROTNONE;
	unsigned int i, dirty = 0;
	struct w_pte l, head;

	if (first < state.lo[t] || first + W_BLOCK > state.hi[t])
		return 0;
	side->decode(state.tab[t][first], &head);
	for (i = 0; i < W_BLOCK; i++) {
		side->decode(state.tab[t][first + i], &l);
		if (l.kind != W_SLOT_PAGE || l.pfn != head.pfn + i || (l.bits ^ head.bits) & alike)
			return 0;
		dirty |= l.bits & W_DIRTY;
	}
	return head.pfn & (W_BLOCK - 1) || w_page_of(&state, (unsigned int)(head.pfn - W_PFN_BASE))->w_order < W_BLOCK_ORDER ? 0 : dirty;
}

static void mix_entry(const struct w_side *side, unsigned int t, unsigned int i, unsigned int merged, unsigned long digest[W_NASPECTS])
{
	unsigned long at = t * W_SLOTS + i;
	struct w_pte l;

	side->decode(state.tab[t][i], &l);
	if (l.kind == W_SLOT_NONE)
		return;
	mix(&digest[W_ASPECT_PRESENCE], at << 8 | l.kind);
	mix(&digest[W_ASPECT_PFN], at << 40 ^ l.pfn ^ (unsigned long)l.type << 32);
	/* At fork a shared folio's entries are writable in the child where one of the batch is: see merged() in refine.c. */
	if (t < 2 || !w_trait(&W, MERGES_WRITE) || !(W.scn->vma & W_V_SHARED))
		mix(&digest[W_ASPECT_WRITE_GAINED], at << 8 | (l.bits & W_WRITE));
	mix(&digest[W_ASPECT_DIRTY_LOST], at << 8 | ((l.bits | merged) & W_DIRTY));
	mix(&digest[W_ASPECT_WP_LOST], at << 8 | (l.bits & W_WP));
	mix(&digest[W_ASPECT_PROTNONE], at << 8 | (l.bits & W_PROTNONE) | l.kernel_only);
	mix(&digest[W_ASPECT_SWAP_EXCL_LOST], at << 8 | (l.bits & W_EXCL));
}

/* Between folios lie pages of earlier scenarios, which are none of this one's. */
static void mix_page(const struct page *page, unsigned long digest[W_NASPECTS])
{
	mix(&digest[W_ASPECT_EXCLUSIVE], page->flags >> W_PG_exclusive & 1);
	mix(&digest[W_ASPECT_MAPCOUNT], (unsigned int)page->_mapcount.counter);
	mix(&digest[W_ASPECT_REFCOUNT], (unsigned int)page->_refcount.counter);
	mix(&digest[W_ASPECT_FOLIO_DIRTY_LOST], page->flags >> W_PG_dirty & 1);
}

/* False where there is nothing to compare: no end was reached, or how far the work came depends on how it is cut. */
bool w_digest(const struct w_side *side, struct w_scenario *s, unsigned long digest[W_NASPECTS])
{
	unsigned int t, i, merged = 0;

	level(s);
	w_build(side, s);
	w_run_unchecked(side, &state);
	for (i = 0; i < W_NASPECTS; i++)
		digest[i] = 0;
	if (state.ending != W_RETURNED || !w_comparable(&state))
		return false;
	for (t = 0; t < W_TABLES; t++)
		for (i = state.lo[t]; i < state.hi[t]; i++) {
			if (i == state.lo[t] || !(i & (W_BLOCK - 1)))
				merged = merged_dirty(side, t, i & ~(W_BLOCK - 1));
			mix_entry(side, t, i, merged, digest);
		}
	for (t = 0; t < s->nfolios; t++)
		for (i = 0; i < 1U << s->folio[t].order; i++)
			mix_page(w_page_of(&state, s->folio[t].pfn + i), digest);
	for (i = w_start.npages; i < state.npages; i++) /* allocated on the way */
		mix_page(w_page_of(&state, i), digest);
	for (i = 0; i < 2 * W_RSS; i++)
		mix(&digest[W_ASPECT_RSS], (unsigned long)state.facts.rss[i / W_RSS][i % W_RSS]);
	for (t = 0; t < W_SWAP_TYPES; t++)
		for (i = 0; i < state.nswap; i++)
			mix(&digest[W_ASPECT_SWAP_COUNT], (unsigned short)state.swap_count[t][i]);
	mix(&digest[W_ASPECT_RETURN], (unsigned long)state.facts.ret);
	return true;
}
