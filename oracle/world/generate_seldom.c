/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States that few functions tell apart, one of them in one table of 32. What chance makes of all else does not depend on
 * them, so that they take nothing away from what matters more often.
 */
#undef bool
#include "generate.h"

enum { DEVICE_PAGE, DEVICE_SHARE, SWAPPED_TWICE, LOCKED_VMA, DROPPABLE, LOCKED_FOLIO, NSTATES };

/* Walks of a range of one VMA, in which most anything may be met. */
static bool walks_a_range(const struct w_side *side)
{
	return w_trait(side, MOVES) || w_trait(side, PROTECTS) || w_trait(side, COPIES) || w_trait(side, FREES);
}

/* A slot of this kind, from a starting point on; or the number of slots. */
static unsigned int slot_of(const struct w_scenario *s, unsigned int kind)
{
	unsigned int from = w_rnd(s->nslots), k;

	for (k = 0; k < s->nslots && s->slot[(from + k) % s->nslots].kind != kind; k++)
		;
	return k < s->nslots ? (from + k) % s->nslots : s->nslots;
}

/* A page that KSM merged was swapped out, and a VMA mapped it more than once: none of its swap entries is exclusive. */
static void swap_twice(struct w_scenario *s)
{
	unsigned int at = slot_of(s, W_SLOT_SWAP), to = slot_of(s, W_SLOT_NONE);

	if (at == s->nslots || to == s->nslots)
		return;
	s->slot[at].bits &= (unsigned char)~W_EXCL;
	s->slot[to] = s->slot[at];
}

void w_make_seldom(const struct w_side *side, unsigned long seed, unsigned long index, struct w_scenario *s)
{
	unsigned long chance = (index + 1) * 0x9e3779b97f4a7c15UL ^ seed << 52, rng = w_rng;
	unsigned int at;

	if (chance >> 59 != 21)
		return;
	w_rng = chance | 1;
	w_rnd(2);
	switch ((chance >> 40 & 0xffff) % NSTATES) {
	case DEVICE_PAGE:
		at = slot_of(s, W_SLOT_NONE);
		if (w_trait(side, FINDS_DEVICE_PAGES) && !(s->vma & W_V_SHARED) && at < s->nslots)
			w_fill_device(side, s, at, 1);
		break;
	case DEVICE_SHARE:
		if (w_trait(side, SHARES_WITH_DEVICE))
			w_give_to_device(side, s);
		break;
	case SWAPPED_TWICE:
		if (walks_a_range(side))
			swap_twice(s);
		break;
	case LOCKED_VMA:
		s->vma |= walks_a_range(side) ? W_V_LOCKED : 0;
		break;
	case DROPPABLE:
		if (w_trait(side, FINDS_DROPPABLE) && !(s->vma & W_V_FILE))
			w_make_droppable(s);
		break;
	case LOCKED_FOLIO:
		if (walks_a_range(side) && s->nfolios)
			s->folio[w_rnd(s->nfolios)].bits |= W_F_LOCKED;
		break;
	}
	w_rng = rng;
}
