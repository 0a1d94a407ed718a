/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folios, one behind the other in the simulated memory, most large ones naturally aligned; the slots that map them, in
 * runs of like ones; and the contpte blocks that these are folded to.
 */
#undef bool
#include "hw.h"
#include "generate.h"

static bool plain;
static unsigned int next_pfn;
static struct w_pattern last;	/* of the folio before */

void w_begin_folios(bool all_plain)
{
	next_pfn = 1;
	plain = all_plain;
	last = (struct w_pattern){ .base = w_random_bits(), .unit = 1 };
}

/* Up to 2M, but that seldom: every page of a folio is state to restore and to compare. */
unsigned int w_choose_order(const struct w_side *side, unsigned int left)
{
	unsigned int order = side->wants & W_WANT_SMALL && !w_one_in(4) ? 0 : w_one_in(4) ? 0 : w_one_in(2) ? W_BLOCK_ORDER :
		w_one_in(6) ? w_rnd(10) : w_rnd(W_BLOCK_ORDER + 3);

	return left < 8 && w_one_in(2) ? w_rnd(4) : order;
}

/* What kind of file a folio of the page cache is of: that of those before it in the VMA. */
unsigned char w_choose_kind(const struct w_scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nfolios; i++)
		if (s->folio[i].kind != W_FOLIO_ANON)
			return s->folio[i].kind;
	return w_one_in(4) ? W_FOLIO_SHMEM : W_FOLIO_FILE;
}

/* slot: where its first page is mapped; a row of small folios may fill a contpte block together. */
int w_add_folio(const struct w_side *side, struct w_scenario *s, unsigned int order, unsigned int slot)
{
	struct w_folio *f = &s->folio[s->nfolios];
	unsigned int nr = 1U << order, pfn = (next_pfn + nr - 1) & ~(nr - 1);

	if (order < W_BLOCK_ORDER && !(slot & (nr - 1)) && w_one_in(2))
		pfn += (slot - pfn) & (W_BLOCK - 1);

	if (s->nfolios >= W_MADE_FOLIOS || pfn + nr > W_NPAGES)
		return -1;
	next_pfn = pfn + nr;
	*f = (struct w_folio){ .order = (unsigned char)order, .pfn = (unsigned short)pfn, .kind = W_FOLIO_ANON };
	/* The folios of a file that is faulted in come from w_fill_cache(). */
	if (!w_trait(side, OF_CACHE) && s->vma & W_V_FILE && (s->vma & W_V_SHARED || w_one_in(2)))
		f->kind = w_choose_kind(s);
	f->bits = (unsigned short)((w_one_in(4) ? W_F_DIRTY : 0) | (w_one_in(6) ? W_F_EXTRA_MAP : 0) | (w_one_in(10) ? W_F_EXTRA_REF : 0) |
		(w_one_in(12) ? W_F_PINNED : 0) | (w_one_in(4) ? W_F_REFERENCED : 0));
	if (f->kind == W_FOLIO_SHMEM)
		f->bits |= W_F_SWAPBACKED;
	if (f->kind == W_FOLIO_ANON) {
		f->bits |= (unsigned short)(w_one_in(w_trait(side, FINDS_LOCKED) ? 2 : 6) && !(s->vma & W_V_FILE) ? 0 : W_F_SWAPBACKED);
		/* Before it is unmapped a folio gets swap space; but poison strikes a page at any time. */
		if (f->bits & W_F_SWAPBACKED && (w_trait(side, FINDS_LOCKED) ? order || !w_one_in(8) : w_one_in(6)))
			f->bits |= W_F_SWAPCACHE | (w_trait(side, FINDS_BUSY) && w_one_in(6) ? W_F_WRITEBACK : 0);
		if (order == 0 && w_one_in(16))
			f->bits |= W_F_KSM;
	}
	if (plain)
		f->bits &= (unsigned short)~(W_F_EXTRA_REF | W_F_PINNED);
	else if ((w_trait(side, FINDS_BUSY) || side->wants & W_WANT_LOCKS) && w_one_in(6))
		f->bits |= W_F_LOCKED;
	if (w_trait(side, FINDS_LOCKED))
		f->bits |= W_F_LOCKED;
	/* Swap entries of the swap cache can be faulted in: each has its own there. */
	if (w_trait(side, SWAPS_IN) && pfn + nr > W_SWAP_SLOTS / 2)
		f->bits &= (unsigned short)~W_F_SWAPCACHE;
	if (f->bits & W_F_KSM && !(f->bits & W_F_SWAPCACHE))
		f->bits |= W_F_DIRTY;
	return s->nfolios++;
}

/* A migration entry for what the PTE said. Shared or pinned folios are not moved; the folio is locked meanwhile. */
static void migrate_run(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int n)
{
	struct w_folio *f = &s->folio[s->slot[at].folio];
	unsigned int k, target;

	f->bits = (unsigned short)((f->bits & ~(W_F_KSM | W_F_EXTRA_MAP | W_F_PINNED)) | W_F_LOCKED);
	for (k = 0; k < n; k++) {
		struct w_slot *slot = &s->slot[at + k];

		slot->kind = slot->bits & W_WRITE ? W_SLOT_MIG_WRITE : slot->bits & W_EXCL ? W_SLOT_MIG_EXCL : W_SLOT_MIG_READ;
		slot->bits &= W_YOUNG | W_DIRTY | W_SOFT | W_WP;
	}
	/* Where it goes, unless the move was given up. */
	if (w_one_in(2) && (target = (unsigned int)w_add_folio(side, s, f->order, 0)) < W_MADE_FOLIOS) {
		s->folio[target].bits = f->bits;
		s->folio[target].kind = f->kind;
	}
}

unsigned int w_fill_folio(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	const struct w_folio *before = s->nfolios ? &s->folio[s->nfolios - 1] : NULL;
	unsigned int order = before && (before->order | 1) == 3 && w_one_in(2) ? before->order : w_choose_order(side, left);
	unsigned int nr = 1U << order, k, n, index, keeps;
	unsigned int slot = s->first + at;
	int f;

	f = w_add_folio(side, s, order, slot);
	if (f < 0)
		return w_skip(s, at, left);
	index = w_one_in(8) ? w_rnd(nr) : slot & (nr - 1);
	/* Memory moved by mremap() is not aligned with its folio, which can reach into the next table. */
	if (w_trait(side, FOLLOWS_FOLIO) && slot < W_SLOTS && slot + left > W_SLOTS && w_one_in(2))
		index = w_rnd(nr);
	n = nr - index < left ? nr - index : left;
	if (w_one_in(6))
		n = 1 + w_rnd(n);
	if (order >= W_BLOCK_ORDER || w_one_in(2)) /* else as its neighbour */
		last = w_choose_pattern(slot, n);
	if (w_trait(side, TAKES_HINTS) && w_one_in(4)) /* all, or all but the odd ones */
		last.base |= W_PROTNONE;
	keeps = w_trait(side, PRIVATE_CLEAN) && !(s->vma & W_V_SHARED) && s->folio[f].kind != W_FOLIO_ANON ? ~(unsigned int)W_DIRTY : ~0U;
	if (w_maps_clean(side, s, &s->folio[f]))
		keeps = ~(unsigned int)(W_WRITE | W_DIRTY);
	for (k = 0; k < n; k++)
		s->slot[at + k] = (struct w_slot){ .kind = W_SLOT_PAGE, .folio = (unsigned short)f, .index = (unsigned short)(index + k) };
	w_put_bits(s, &s->folio[f], &last, keeps, &s->slot[at], n);
	if (w_trait(side, PUTS_BACK) && !w_one_in(4))
		migrate_run(side, s, at, n);
	return n;
}

/* Blocks that a kernel may have folded, contpte_try_fold in arch/arm64/mm/contpte.c. */
void w_fold_blocks(const struct w_side *side, struct w_scenario *s)
{
	unsigned int at, k;

	if (side->cont_ptes == 1 || s->mm & 1)
		return;
	for (at = -s->first & (W_BLOCK - 1); at + W_BLOCK <= s->nslots; at += W_BLOCK) {
		struct w_slot *b = &s->slot[at];

		if (b->kind != W_SLOT_PAGE || (s->folio[b->folio].pfn + b->index) & (W_BLOCK - 1) || w_one_in(4))
			continue;
		for (k = 1; k < W_BLOCK; k++)
			if (b[k].kind != W_SLOT_PAGE || b[k].folio != b->folio || b[k].index != b->index + k ||
			    (b[k].bits ^ b->bits) & (W_WRITE | W_SOFT | W_WP | W_PROTNONE) || b->bits & W_PROTNONE)
				break;
		if (k == W_BLOCK)
			while (k--)
				b[k].bits |= W_CONT;
	}
}
