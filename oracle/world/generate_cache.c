/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file in the page cache, and the slots of a mapping of it: a folio lies naturally aligned in its file, no two share
 * an offset, and of each some pages are mapped. Between its slots others can lie: copies, swap entries, nothing.
 */
#undef bool
#include "generate.h"

/* Where the last folio ends; like the slots below counted from an aligned place in the file. */
static unsigned int end;
static int last;

void w_begin_cache(void)
{
	end = 0;
	last = -1;
}

/* The folio that covers the slot: the last one, or a new one that fits behind it. */
static int folio_at(const struct w_side *side, struct w_scenario *s, unsigned int slot, unsigned int left)
{
	unsigned int order = w_choose_order(side, left);
	struct w_folio *f;

	if (slot < end)
		return last;
	while (order && (slot & ~((1U << order) - 1)) < end)
		order--;
	last = w_add_folio(side, s, order, slot - w_skew(s->vma));
	if (last < 0)
		return -1;
	f = &s->folio[last];
	f->kind = w_choose_kind(s);
	f->bits &= W_F_DIRTY | W_F_EXTRA_MAP | W_F_EXTRA_REF | W_F_PINNED | W_F_REFERENCED;
	f->bits |= (unsigned short)((f->kind == W_FOLIO_SHMEM ? W_F_SWAPBACKED : 0) | (w_rnd(12) == 0 ? W_F_LOCKED : 0));
	end = (slot & ~((1U << order) - 1)) + (1U << order);
	return last;
}

unsigned int w_fill_cache(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int slot = s->first + at + w_skew(s->vma), n, k, how = w_rnd(4), from, bits;
	int folio = folio_at(side, s, slot, left);
	const struct w_folio *f;

	if (folio < 0)
		return 0;
	f = &s->folio[folio];
	n = end - slot < left ? end - slot : left;
	n = w_rnd(5) == 0 ? 1 + w_rnd(n) : n;
	from = how == 1 ? w_rnd(n) : n; /* mapped from there on; how 2: each by chance */
	bits = w_settled_bits(s, f);
	for (k = 0; k < n; k++) {
		bool mapped = how == 2 ? w_rnd(2) : k >= from;
		unsigned int marked = s->vma & W_V_UFFD_WP && w_rnd(3) == 0 ? W_WP : 0;

		if (w_rnd(4) == 0)
			bits = w_settled_bits(s, f);
		s->slot[at + k] = (struct w_slot){ .kind = mapped ? W_SLOT_PAGE : W_SLOT_CACHED, .folio = (unsigned short)folio,
			.index = (unsigned short)((slot + k) & ((1U << f->order) - 1)),
			.bits = (unsigned char)(mapped ? bits : marked) };
	}
	return n;
}

unsigned int w_fill_swapped(const struct w_side *side, struct w_scenario *s, unsigned int at, unsigned int left)
{
	unsigned int slot = s->first + at, order = w_choose_order(side, left), nr, n, k, odd, index, bits;
	unsigned int can = W_SOFT | (s->vma & (W_V_UFFD_WP | W_V_UFFD_RWP) ? W_WP : 0);
	bool mixed = w_rnd(3) == 0;
	struct w_folio *f;
	int folio;

	folio = w_add_folio(side, s, order > 8 ? 8 : order, slot);
	if (folio < 0)
		return 0;
	f = &s->folio[folio];
	nr = 1U << f->order;
	if (f->pfn + nr > W_SWAP_SLOTS / 2)
		return 0;
	f->kind = W_FOLIO_ANON;
	f->bits &= (unsigned short)~(W_F_PINNED | W_F_KSM | (w_rnd(4) ? W_F_EXTRA_REF : 0));
	f->bits |= (unsigned short)(W_F_SWAPBACKED | W_F_SWAPCACHE | (w_rnd(6) == 0 ? W_F_WRITEBACK : 0));
	index = w_rnd(4) == 0 ? w_rnd(nr) : slot & (nr - 1);
	n = nr - index < left ? nr - index : left;
	odd = w_rnd(3) ? n : w_rnd(n);
	can |= f->bits & W_F_EXTRA_MAP ? 0 : W_EXCL;
	bits = w_rnd(256) & can;
	for (k = 0; k < n; k++) {
		bool mapped = mixed && w_rnd(2);

		s->slot[at + k] = (struct w_slot){ .kind = mapped ? W_SLOT_PAGE : W_SLOT_SWAPCACHED, .folio = (unsigned short)folio,
			.index = (unsigned short)(index + k),
			.bits = (unsigned char)(mapped ? w_settled_bits(s, f) : k == odd ? w_rnd(256) & can : bits) };
	}
	return n;
}
