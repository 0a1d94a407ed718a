/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a side on the scenario that is built. Both sides start from the same image; what a run can have touched is
 * known (window of the scenario plus what the MMU saw written), so resetting costs little.
 */
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

/* Of so many bytes that a call is cheaper than the string instruction that compilers make of a known number. */
static W_APART void copy(void *to, const void *from, unsigned long n) { memcpy(to, from, n); }

static void reset_tables(void)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = W.dirty_lo[t], hi = W.dirty_hi[t];

		if (lo < hi) {
			memset(&W.stale[t][lo], 0, hi - lo);
			if (W_HW_CONT_MASK)
				memset(&W.cleared[t][lo], 0, (hi - lo) * 8);
		}
		lo = lo < w_window_lo[t] ? lo : w_window_lo[t];
		hi = hi > w_window_hi[t] ? hi : w_window_hi[t];
		if (lo < hi)
			memcpy(&W.tab[t][lo], &w_image[t][lo], (hi - lo) * 8);
		W.dirty_lo[t] = W_SLOTS;
		W.dirty_hi[t] = 0;
	}
}

static void reset(const struct w_side *side, bool one_by_one, bool all)
{
	const unsigned long first = offsetof(struct world, steps);
	unsigned int t;

	reset_tables();
	copy((char *)&W + first, (const char *)&w_start + first, offsetof(struct world, tlb.w_batch) - first);
	w_pages_reset();
	for (t = 0; W.nswap && t < W_SWAP_TYPES; t++)
		memcpy(W.swap_count[t], w_start.swap_count[t], W.nswap * sizeof(short));
	INIT_LIST_HEAD(&init_mm.mmlist);
	/* What the caller did comes first. */
	memset(&W.order, 0, all ? sizeof(W.order) : offsetof(struct w_order, near));
	W.order.open = all ? W_ORDER_ALL : 0;
	W.order.ever = 1 << W_ACCESS_CALLER;
	W.force_one = one_by_one;
	w_agent_reset();
	W.watch = W.agent || W.trace_on;
	W.section++;
	W.owes_flush = W.catches_up = w_trait(side, CATCHES_UP); /* flush_tlb_batched_pending, mm/rmap.c */
	w_fail_from(w_mm_fails(W.scn->mm));
	W.traits = side->traits;
}

static void snap(struct w_snap *out)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++) {
		out->lo[t] = W.dirty_lo[t] < w_window_lo[t] ? W.dirty_lo[t] : w_window_lo[t];
		out->hi[t] = W.dirty_hi[t] > w_window_hi[t] ? W.dirty_hi[t] : w_window_hi[t];
		if (out->lo[t] < out->hi[t])
			memcpy(&out->tab[t][out->lo[t]], &W.tab[t][out->lo[t]], (out->hi[t] - out->lo[t]) * 8);
	}
	w_pages_keep(out);
	out->nswap = W.nswap;
	for (t = 0; W.nswap && t < W_SWAP_TYPES; t++)
		memcpy(out->swap_count[t], W.swap_count[t], W.nswap * sizeof(short));
	copy(&out->facts, &W.facts, sizeof(out->facts));
	w_order_keep(&out->order);
	copy(out->count, W.count, sizeof(out->count));
	out->violated = W.violated;
	if (W.violated) {
		memcpy(out->where, W.where, sizeof(out->where));
		memcpy(out->line, W.line, sizeof(out->line));
	}
	out->ending = W.ending;
	out->failed = W.failed;
}

static void once(const struct w_side *side) { side->entry(); }

static void enter(const struct w_side *side, bool one_by_one, bool all, void (*calls)(const struct w_side *side))
{
	unsigned int t;

	reset(side, one_by_one, all);
	w_until_end(side, calls);
	W.scn = w_start.scn;
	if (W.guessed)
		w_violate_at(W_RULE_F5, -1, 0);
	w_access(W_ACCESS_CALLER); /* and what it will do, last */
	w_pages_ran();
	memcpy(W.facts.rss[0], W.mm[0].rss, sizeof(W.facts.rss[0]));
	memcpy(W.facts.rss[1], W.mm[1].rss, sizeof(W.facts.rss[1]));
	for (t = 0; t < 2; t++)
		W.facts.pmd[t] = W_HW_LEAF(W.pmd[t]) || W.scn->vma & W_V_HUGETLB ? W.pmd[t] : 0;
}

/* Nothing is left open: no lock, no section, no stale translation. */
static bool settled(void)
{
	unsigned int t, held = (unsigned int)(W.pml.held | W.mml.held | W.hvl.held);

	for (t = 0; t < W_TABLES; t++)
		held |= (unsigned int)W.ptl[t].held;
	return W.ending == W_RETURNED && !W.nstale && !W.lazy && !W.rcu && !W.atomic && !held;
}

static void leave_run(const struct w_side *side, bool check, struct w_snap *out)
{
	if (W.ending == W_CRASH || W.ending == W_UNDEFINED)
		w_violate_at(W_RULE_X2, -1, 0);
	if (W.ending == W_STEPS || W.ending == W_TIMEOUT)
		w_violate_at(W_RULE_X3, -1, 0);
	if (W.ending == W_UNMODELLED)
		W.violated = 0;
	out->ran = W.violated;
	out->settled = settled();
	if (W.ending == W_RETURNED && check)
		w_check_end(side);
	snap(out);
}

void w_run(const struct w_side *side, bool one_by_one, bool all, struct w_snap *out)
{
	enter(side, one_by_one, all, once);
	leave_run(side, true, out);
}

void w_run_whole(const struct w_side *side, struct w_snap *out)
{
	enter(side, false, false, w_whole);
	leave_run(side, true, out);
}

void w_run_unchecked(const struct w_side *side, struct w_snap *out)
{
	enter(side, false, false, once);
	leave_run(side, false, out);
}

/* Whether the world stands just as a snapshot has it; the rules on final states then say the same again. */
static bool stands_as(const struct w_snap *s)
{
	unsigned int t;

	if (!s->settled || !settled() || s->ran != W.violated || s->failed != W.failed ||
	    memcmp(&s->facts, &W.facts, sizeof(W.facts)) || !w_order_same(&s->order, &W.order) || !w_pages_stand(s))
		return false;
	for (t = 0; t < W_TABLES; t++) {
		unsigned int lo = W.dirty_lo[t] < w_window_lo[t] ? W.dirty_lo[t] : w_window_lo[t];
		unsigned int hi = W.dirty_hi[t] > w_window_hi[t] ? W.dirty_hi[t] : w_window_hi[t];

		if (lo != s->lo[t] || hi != s->hi[t] || (lo < hi && memcmp(&s->tab[t][lo], &W.tab[t][lo], (hi - lo) * 8)))
			return false;
	}
	for (t = 0; t < W_SWAP_TYPES; t++)
		if (memcmp(s->swap_count[t], W.swap_count[t], W.nswap * sizeof(short)))
			return false;
	return true;
}

bool w_run_same(const struct w_side *side, const struct w_snap *as, struct w_snap *out)
{
	enter(side, false, false, once);
	if (stands_as(as))
		return true;
	if (!w_order_same(&as->order, &W.order))
		enter(side, false, true, once);
	leave_run(side, true, out);
	return false;
}
