/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many scenarios in a row: what each of the relations says of them, counted, with the first that shows it. */
#include <string.h>
#undef bool
#include "runtime.h"

#define HARMLESS W_HARMLESS_CODES
#define CUT_ONLY (HARMLESS W_CUT(W_OR_BIT))
_Static_assert(!((0UL W_ALLOWANCES(W_OR_BIT)) & ~CUT_ONLY), "what the reference allows is no fault of a batch");

/* What may be set without need. */
#define SPURIOUS (1UL << W_DIFF_DIRTY_LOST | 1UL << W_DIFF_SOFT_LOST | 1UL << W_DIFF_FOLIO_DIRTY_LOST)

/* Harmless, but no matter of how PTEs are batched where it differs with batches of one as well. */
#define DRIFT (1UL << W_DIFF_WRITE_LOST | 1UL << W_DIFF_YOUNG | 1UL << W_DIFF_DIRTY_GAINED | 1UL << W_DIFF_SOFT_GAINED)

enum hit_class { V_INTRODUCED, V_BOTH, V_FIXED, V_SWAPPED, D_BATCH, D_PLAIN, D_FIXED, D_OPAQUE, D_ALLOWED, D_DRIFT, NCLASSES };
static const char *const class_names[] = {
	"introduced", "both", "fixed", "swapped", "batch", "plain", "unbatch", "opaque", "allowed", "drift",
};

/* Of each kind of hit some scenarios are told: the first ones, then one in ever more, so that it is not all of a kind. */
#define SOME 4
#define MOST 16
static struct { unsigned long n; unsigned int kept; unsigned long some[MOST]; } hits[NCLASSES][128];
static bool fresh;	/* a hit whose scenario is told */
static struct w_scenario scenario;
static struct w_snap before, after, before_one, after_one;
static unsigned int left_out; /* W_WITHOUT_* */

static void note(enum hit_class class, w_rules mask, unsigned long index)
{
	for (; mask; mask &= mask - 1) {
		unsigned long low = (unsigned long)mask, n;
		int code = low ? __builtin_ctzl(low) : 64 + __builtin_ctzl((unsigned long)(mask >> 64));

		n = ++hits[class][code].n;
		if ((n <= SOME || !(n & (n - 1))) && hits[class][code].kept < MOST) {
			hits[class][code].some[hits[class][code].kept++] = index;
			fresh = true;
		}
	}
}

/* A side that breaks other rules than the other does is neither the right one nor the only wrong one. */
static void note_rules(const struct w_snap *first, const struct w_snap *second, unsigned long index)
{
	w_rules came = second->violated & ~first->violated, went = first->violated & ~second->violated;

	note(went ? V_SWAPPED : V_INTRODUCED, came, index);
	note(V_BOTH, second->violated & first->violated, index);
	note(V_FIXED, went, index);
}

static unsigned long codes(const struct w_snap *first, const struct w_snap *second)
{
	struct w_differences d;

	if (w_same(first, second))
		return 0;
	w_compare(&w_before, first, second, &d);
	return d.codes;
}

/* Forced to one says nothing where length decides, or where a call failed: how far the work came depends on the cut. */
bool w_comparable(const struct w_snap *snap) { return !w_before.by_length && !snap->failed && snap->ending != W_UNMODELLED; }

/*
 * A run that comes to what is not modelled shows nothing, so that nothing of what it reached on the way counts; but
 * for that it came there.
 */
static unsigned char reached[2][W_COVERED];

static void mark_reached(void)
{
	if (w_before.ends)
		memcpy(reached[0], w_before.coverage, w_before.probes);
	if (w_after.ends)
		memcpy(reached[1], w_after.coverage, w_after.probes);
}

static void forget_reached(void)
{
	w_forgotten++;
	if (w_before.ends)
		memcpy(w_before.coverage + w_before.ends, reached[0] + w_before.ends, w_before.probes - w_before.ends);
	if (w_after.ends)
		memcpy(w_after.coverage + w_after.ends, reached[1] + w_after.ends, w_after.probes - w_after.ends);
}

/*
 * Where hardware acts meanwhile, and every access is looked at (L6), only the rules are asked, and always: what
 * differs between the sides means nothing.
 */
static void agent_scenario(unsigned long index)
{
	const struct w_snap *second;

	mark_reached();
	w_run(&w_before, false, false, &before);
	second = w_run_same(&w_after, &before, &after) ? &before : &after;
	if (before.ending == W_UNMODELLED || second->ending == W_UNMODELLED) {
		forget_reached();
		return;
	}
	note_rules(&before, second, index);
}

/*
 * The scenario that is built. The rules on final states are asked when the sides differ, and of one scenario in
 * eight otherwise; so is the relation to batches of one. thorough: of every scenario.
 */
static void one_scenario(unsigned long index, bool thorough)
{
	unsigned long differs, plain, one, opaque_after, opaque_before;
	const struct w_snap *second; /* after, which is before when nothing differs */
	bool same;

	mark_reached();
	thorough |= !(index & 7);
	if (thorough && !(left_out & W_WITHOUT_END))
		w_run(&w_before, false, false, &before);
	else
		w_run_unchecked(&w_before, &before);
	if (left_out & W_WITHOUT_AFTER)
		return;
	same = w_run_same(&w_after, &before, &after);
	/* Asked every rule, and what became of its barriers: order.c. */
	if (!same && (!thorough || !w_order_same(&before.order, &after.order)))
		w_run(&w_before, false, true, &before);
	second = same ? &before : &after;
	if (before.ending == W_UNMODELLED || second->ending == W_UNMODELLED) {
		forget_reached();
		return;
	}
	note_rules(&before, second, index);
	differs = same ? 0 : codes(&before, second);
	note(D_ALLOWED, differs & HARMLESS, index);
	/* Measured against code that does wrong where the other does not, a difference says nothing. */
	plain = before.violated & ~second->violated && !(second->violated & ~before.violated) ? 0 : differs & ~HARMLESS;
	if (w_before.by_length) {
		note(D_PLAIN, plain, index);
		return;
	}
	if ((same && !thorough) || left_out & W_WITHOUT_ONE)
		return;
	w_run(&w_after, true, false, &after_one);
	if (!w_comparable(&before) || !w_comparable(second) || !w_comparable(&after_one)) {
		/* How far the work came may differ: what does not with batches of one is a matter of the cut. */
		if (plain && w_mm_fails(scenario.mm)) {
			w_run(&w_before, true, false, &before_one);
			plain &= codes(&before_one, &after_one);
		}
		note(D_PLAIN, plain, index);
		return;
	}
	opaque_after = codes(&after_one, second) & ~CUT_ONLY;
	if (same && !opaque_after)
		return;
	w_run(&w_before, true, plain >> W_DIFF_ORDER_LOST & 1, &before_one);
	opaque_before = codes(&before_one, &before) & ~CUT_ONLY;
	one = same ? 0 : codes(&before_one, &after_one);
	note(D_DRIFT, differs & one & DRIFT, index);
	/* Against a batch that set more than it had to, nothing is lost by one PTE at a time. */
	if (!opaque_after && !opaque_before && !(one & ~HARMLESS))
		plain &= ~SPURIOUS;
	if (same)
		note(D_OPAQUE, opaque_after & opaque_before, index);
	if (opaque_after & ~opaque_before)
		note(D_BATCH, opaque_after & ~opaque_before, index);
	else if (opaque_before & ~opaque_after)
		note(D_FIXED, opaque_before & ~opaque_after, index);
	else if (!same)
		/* Where a batch did harm before the patch, the patch is measured without it. */
		note(D_PLAIN, plain & codes(&before_one, second), index);
}

static void print_hits(void)
{
	unsigned int class, code, k;

	for (class = 0; class < NCLASSES; class++)
		for (code = 0; code < 128; code++)
			if (hits[class][code].n) {
				w_print_word("hit ");
				w_print_word(class_names[class]);
				w_print_number(" ", code);
				w_print_number(" ", (long)hits[class][code].n);
				for (k = 0; k < hits[class][code].kept; k++)
					w_print_number(" ", (long)hits[class][code].some[k]);
				w_print_word("\n");
			}
}

/* The i-th scenario, after the one before it unless it is the first. */
static void make(unsigned long seed, unsigned long i, bool first)
{
	if (!first && w_generate_next(&w_before, seed, i, &scenario)) {
		w_build_call(&scenario);
	} else {
		w_generate(&w_before, seed, i, &scenario);
		w_build(&w_before, &scenario);
	}
}

void w_campaign(unsigned long seed, unsigned long first, unsigned long count, bool thorough, unsigned int without)
{
	unsigned long i;

	left_out = without;
	memset(hits, 0, sizeof(hits));
	for (i = first; i < first + count; i++) {
		make(seed, i, i == first);
		if (left_out & W_WITHOUT_RUNS)
			continue;
		if (!(scenario.mm & W_MM_AGENT))
			one_scenario(i, thorough);
		else if (!(left_out & W_WITHOUT_AGENT))
			agent_scenario(i);
	}
	print_hits();
}

void w_exhaust(unsigned long first, unsigned long count, const long option[W_OPTIONS])
{
	unsigned long i, ran = 0;

	left_out = 0;
	memset(hits, 0, sizeof(hits));
	for (i = first; i < first + count; i++)
		if (w_table(&w_before, i, option, &scenario)) {
			w_build(&w_before, &scenario);
			one_scenario(i, true);
			ran++;
		}
	w_print_number("ran ", (long)ran);
	w_print_word("\n");
	print_hits();
}

static struct { unsigned int lo, n; unsigned char seen[W_COVERED]; } watched;

/* Keep the scenario when it was the first to reach a statement that is watched. */
static void keep_if_new(void)
{
	if (memcmp(watched.seen, w_after.coverage + watched.lo, watched.n)) {
		memcpy(watched.seen, w_after.coverage + watched.lo, watched.n);
		w_keep(&scenario);
	}
}

/* The first scenarios of a seed once more, so that the first that reaches each statement is kept. */
static void gather(unsigned long seed, unsigned long count)
{
	static unsigned char all[W_COVERED];
	unsigned long i;

	memcpy(all, w_after.coverage, W_COVERED);
	memset(w_after.coverage, 0, W_COVERED);
	w_forgotten++;
	memset(watched.seen, 0, W_COVERED);
	w_keep_none();
	for (i = 0; i < count; i++) {
		make(seed, i, !i);
		w_run_unchecked(&w_after, &after);
		keep_if_new();
	}
	memcpy(w_after.coverage, all, W_COVERED);	/* they are scenarios that were run already */
	memcpy(watched.seen, w_after.coverage + watched.lo, watched.n);
}

void w_steer(unsigned long seed, unsigned long count, unsigned long steered, unsigned int lo, unsigned int end)
{
	unsigned long i, ran = 0;

	watched.n = end < W_COVERED ? end : W_COVERED;
	watched.lo = lo < watched.n ? lo : 0;
	watched.n -= watched.lo;
	gather(seed, count);
	memset(hits, 0, sizeof(hits));
	for (i = 0; i < steered; i++) {
		if (!w_near(&w_before, seed, i, &scenario))
			continue;
		ran++;
		fresh = false;
		w_build(&w_before, &scenario);
		one_scenario(i, true);
		if (fresh) {
			w_print_number("shows ", (long)i);
			w_print_word(" ");
			w_print_scenario(&scenario);
		}
		keep_if_new();
	}
	w_print_number("ran ", (long)ran);
	w_print_word("\n");
	print_hits();
}
