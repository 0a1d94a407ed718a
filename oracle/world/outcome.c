/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a scenario comes to on both sides, as it is and with batches of one: counts, rules, differences, rows. */
#undef bool
#include "runtime.h"

static struct w_snap before, after, before_one, after_one;

static void print_side(const char *name, const struct w_snap *snap)
{
	unsigned int i;

	w_print_word("side ");
	w_print_word(name);
	w_print_number(" ", snap->ending);
	for (i = 0; i < W_NCOUNTS; i++)
		w_print_number(" ", snap->count[i]);
	w_print_word("\n");
	for (i = 0; i < W_NRULES; i++)
		if (snap->violated >> i & 1) {
			w_print_number("rule ", i);
			w_print_number(" ", snap->where[i]);
			w_print_number(" ", snap->line[i]);
			w_print_word("\n");
		}
}

static void print_codes(const char *name, const struct w_snap *first, const struct w_snap *second)
{
	struct w_differences d;
	unsigned int i;

	w_compare(&w_before, first, second, &d);
	w_print_word("codes ");
	w_print_word(name);
	w_print_number(" ", (long)d.codes);
	for (i = 0; i < d.n; i++) {
		w_print_number(" ", d.d[i].code);
		w_print_number(" ", d.d[i].slot);
	}
	w_print_word("\n");
}

void w_print_runs(const struct w_scenario *s, bool rows)
{
	struct { const char *name; const struct w_side *side; bool one; struct w_snap *snap; } all[] = {
		{ "before", &w_before, false, &before }, { "after", &w_after, false, &after },
		{ "before-one", &w_before, true, &before_one }, { "after-one", &w_after, true, &after_one },
	};
	unsigned int i;
	bool cut, agent = s->mm & W_MM_AGENT;

	w_build(&w_before, s);
	for (i = 0; i < 4; i++) {
		w_run(all[i].side, all[i].one, true, all[i].snap);
		print_side(all[i].name, all[i].snap);
	}
	/* With the agent on states are not compared. */
	print_codes("pair", agent ? &after : &before, &after);
	cut = !agent && w_comparable(&before) && w_comparable(&after) && w_comparable(&before_one) && w_comparable(&after_one);
	print_codes("plain", agent ? &after : &before_one, w_mm_fails(s->mm) ? &after_one : &after);
	print_codes("one", agent ? &after_one : &before_one, &after_one);
	print_codes("batch-before", cut ? &before_one : &before, &before);
	print_codes("batch-after", cut ? &after_one : &after, &after);
	if (!rows)
		return;
	w_print_word("rows start\n");
	w_print_start(&w_before, s);
	for (i = 0; i < 4; i++) {
		w_print_word("rows ");
		w_print_word(all[i].name);
		w_print_word("\n");
		w_print_snap(&w_before, all[i].snap);
	}
}

void w_print_whole(const struct w_scenario *s)
{
	w_build(&w_before, s);
	w_run_whole(&w_before, &before);
	w_run_whole(&w_after, &after);
	print_side("before", &before);
	print_side("after", &after);
	print_codes("pair", &before, &after);
}

void w_print_coverage(const char *name, const struct w_side *side)
{
	unsigned int i;

	w_print_word(name);
	for (i = 0; i < W_COVERED; i++)
		if (side->coverage[i])
			w_print_number(" ", i);
	w_print_word("\n");
}
