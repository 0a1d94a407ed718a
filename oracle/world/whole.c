/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a user does to a range with an entry that works on a part of it at a call: it is called for each slot that
 * the calls before have left as it was, on the state that they left. What one call does more than another does is done
 * once then. Meanwhile the user goes on using what faults have mapped.
 */
#undef bool
#include "hw.h"
#include "runtime.h"

/* Whether the entry is as at the start, but for what folding does. */
static bool untouched(const struct w_side *side, unsigned int t, unsigned int i)
{
	struct w_pte start, now;

	w_decode_fast(side, w_image[t][i], &start);
	w_decode_fast(side, W.tab[t][i], &now);
	return start.kind == now.kind && start.pfn == now.pfn && start.type == now.type && !((start.bits ^ now.bits) & ~W_CONT);
}

/* Secondary MMUs were told of the ranges of all calls; what was handed back is that of one call and compares nothing. */
static void join(struct w_facts *all, const struct w_facts *one)
{
	all->ret |= one->ret;
	if (one->notify_end > all->notify_end)
		all->notify_end = one->notify_end;
	if (one->notify_end && (!all->notify_start || one->notify_start < all->notify_start))
		all->notify_start = one->notify_start;
	W.facts.ret = 0;
	W.facts.notify_start = W.facts.notify_end = 0;
	__builtin_memset(W.facts.out, 0, sizeof(W.facts.out));
}

/* What the next call finds mapped. */
static void follow(const struct w_side *side, struct w_scenario *part)
{
	unsigned int k;

	for (k = 0; k < part->nslots; k++) {
		unsigned int t = (part->first + k) / W_SLOTS, i = (part->first + k) % W_SLOTS;
		struct w_slot *slot = &part->slot[k];
		struct w_pte now;

		if (slot->kind != W_SLOT_PAGE || w_image[t][i] == W.tab[t][i])
			continue;
		w_decode_fast(side, W.tab[t][i], &now);
		if (now.kind == W_SLOT_PAGE)
			slot->bits = (unsigned char)(now.bits | (slot->bits & W_EXCL));
	}
}

void w_whole(const struct w_side *side)
{
	static struct w_scenario part;
	struct w_facts all = { 0 };
	unsigned int at;

	part = *W.scn;
	W.scn = &part;
	for (at = part.start; at < part.end; at++) {
		unsigned long *pte = &W.tab[at / W_SLOTS][at % W_SLOTS];

		if (untouched(side, at / W_SLOTS, at % W_SLOTS)) {
			part.start = (unsigned short)at;
			W.steps = W_STEP_BUDGET;
			w_count(call);
			side->entry();
			join(&all, &W.facts);
			follow(side, &part);
		}
		if (w_trait(side, FAULTS) && W_HW_VALID(*pte))
			*pte = W_HW_ACCESSED(*pte);
	}
	W.facts.ret = all.ret;
	W.facts.notify_start = all.notify_start;
	W.facts.notify_end = all.notify_end;
}
