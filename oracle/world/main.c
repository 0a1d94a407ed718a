/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner: commands on standard input, answers on standard output ending in a line "." and their seal (pipes.c).
 *   c SEED FIRST COUNT [1]  run that many scenarios, thoroughly with 1; prints the hits. A further number is a mask of
 *                         relations to leave out, for measurements
 *   g SEED INDEX          the scenario as numbers
 *   n PTES                how many small tables there are, of up to so many PTEs, over how many states, in how many places
 *   e FIRST COUNT OPTIONS...  run that many of them, all options of the entry given; prints the hits
 *   p INDEX OPTIONS...    one of them as numbers
 *   m SEED COUNT STEERED LO END  so many scenarios near those of the first COUNT of a seed that reached probes LO to END
 *   s NUMBERS...          make this the current scenario, if a kernel can be in it
 *   q                     run it on all four sides; masks only
 *   a                     run it as often as its range takes (whole.c), on the sides before and after; masks only
 *   x                     the same with every row, for people
 *   w SEED FIRST COUNT    the first generated scenario that is not valid, or -1
 *   d before|after SEED FIRST COUNT  digests of what that side leaves, for other flavours to be held against
 *   h before|after        the same of the current scenario; nothing where it says nothing
 *   t before|after        every PTE write, TLB flush and broken rule of that side, in order; "@ N" for each probe passed,
 *                         where the side was built to be traced
 *   v                     coverage of both sides since the start
 *   k                     whether hardware may act here, and whether batches are forced to one: 1 or 0 each
 */
#undef bool
#include "runtime.h"
static struct w_scenario scenario;
static bool valid;	/* it is a state that a kernel can be in */
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

static void run_current(bool rows)
{
	struct { const char *name; const struct w_side *side; bool one; struct w_snap *snap; } all[] = {
		{ "before", &w_before, false, &before }, { "after", &w_after, false, &after },
		{ "before-one", &w_before, true, &before_one }, { "after-one", &w_after, true, &after_one },
	};
	unsigned int i;
	bool cut, agent = scenario.mm & W_MM_AGENT;

	w_build(&w_before, &scenario);
	for (i = 0; i < 4; i++) {
		w_run(all[i].side, all[i].one, true, all[i].snap);
		print_side(all[i].name, all[i].snap);
	}
	/* With the agent on states are not compared. */
	print_codes("pair", agent ? &after : &before, &after);
	cut = !agent && w_comparable(&before) && w_comparable(&after) && w_comparable(&before_one) && w_comparable(&after_one);
	print_codes("plain", agent ? &after : &before_one, w_mm_fails(scenario.mm) ? &after_one : &after);
	print_codes("one", agent ? &after_one : &before_one, &after_one);
	print_codes("batch-before", cut ? &before_one : &before, &before);
	print_codes("batch-after", cut ? &after_one : &after, &after);
	if (!rows)
		return;
	w_print_word("rows start\n");
	w_print_start(&w_before, &scenario);
	for (i = 0; i < 4; i++) {
		w_print_word("rows ");
		w_print_word(all[i].name);
		w_print_word("\n");
		w_print_snap(&w_before, all[i].snap);
	}
}

static void run_whole(void)
{
	w_build(&w_before, &scenario);
	w_run_whole(&w_before, &before);
	w_run_whole(&w_after, &after);
	print_side("before", &before);
	print_side("after", &after);
	print_codes("pair", &before, &after);
}

static void print_coverage(const char *name, const struct w_side *side)
{
	unsigned int i;

	w_print_word(name);
	for (i = 0; i < W_COVERED; i++)
		if (side->coverage[i])
			w_print_number(" ", i);
	w_print_word("\n");
}

static void print_invalid(unsigned long seed, unsigned long first, unsigned long count)
{
	unsigned long i;

	for (i = first; i < first + count; i++) {
		w_generate(&w_before, seed, i, &scenario);
		if (!w_valid(&w_before, &scenario))
			break;
	}
	w_print_number("", i < first + count ? (long)i : -1L);
	w_print_word("\n");
}

/* A line of a scenario of which the run came to its end: its index, then its digests. */
static void print_digest(const struct w_side *side, unsigned long index, const struct w_scenario *s)
{
	static struct w_scenario level;
	unsigned long digest[W_NASPECTS];
	unsigned int k;

	level = *s;
	if (!w_digest(side, &level, digest))
		return;
	w_print_number("", (long)index);
	for (k = 0; k < W_NASPECTS; k++)
		w_print_number(" ", (long)(digest[k] & 0xffffffff));
	w_print_word("\n");
}

static void print_digests(const struct w_side *side, unsigned long seed, unsigned long first, unsigned long count)
{
	unsigned long i;

	for (i = first; i < first + count; i++) {
		w_generate(side, seed, i, &scenario);
		print_digest(side, i, &scenario);
	}
}

static void print_tables(unsigned int n)
{
	unsigned int states = 0, places = 0;

	w_print_number("", n <= W_TABLE_MOST ? (long)w_tables(&w_before, n, &states, &places) : 0L);
	w_print_number(" ", states);
	w_print_number(" ", places);
	w_print_word("\n");
}

static void read_options(const char *rest, long option[W_OPTIONS])
{
	unsigned int k;

	for (k = 0; k < W_OPTIONS; k++)
		option[k] = w_number(&rest);
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ')
		text++;
	return text;
}

static bool answer(const char *line)
{
	const char *rest = line + 1;
	unsigned long a, b, count;
	long option[W_OPTIONS];
	unsigned int lo;
	bool thorough;

	switch (line[0]) {
	case 'c':
		a = (unsigned long)w_number(&rest);
		b = (unsigned long)w_number(&rest);
		count = (unsigned long)w_number(&rest);
		thorough = w_number(&rest) == 1;
		w_campaign(a, b, count, thorough, (unsigned int)w_number(&rest));
		return true;
	case 'g':
		a = (unsigned long)w_number(&rest);
		w_generate(&w_before, a, (unsigned long)w_number(&rest), &scenario);
		valid = w_valid(&w_before, &scenario);
		w_print_scenario(&scenario);
		return true;
	case 'n':
		print_tables((unsigned int)w_number(&rest));
		return true;
	case 'e':
		a = (unsigned long)w_number(&rest);
		b = (unsigned long)w_number(&rest);
		read_options(rest, option);
		w_exhaust(a, b, option);
		return true;
	case 'p':
		a = (unsigned long)w_number(&rest);
		read_options(rest, option);
		valid = w_table(&w_before, a, option, &scenario);
		if (valid)
			w_print_scenario(&scenario);
		return valid;
	case 'm':
		a = (unsigned long)w_number(&rest);
		b = (unsigned long)w_number(&rest);
		count = (unsigned long)w_number(&rest);
		lo = (unsigned int)w_number(&rest);
		w_steer(a, b, count, lo, (unsigned int)w_number(&rest));
		return true;
	case 's': return valid = w_read_scenario(rest, &scenario) && w_valid(&w_before, &scenario);
	case 'q': case 'x':
		if (valid)
			run_current(line[0] == 'x');
		return valid;
	case 'a':
		if (valid)
			run_whole();
		return valid;
	case 'w':
		a = (unsigned long)w_number(&rest);
		b = (unsigned long)w_number(&rest);
		valid = false;
		print_invalid(a, b, (unsigned long)w_number(&rest));
		return true;
	case 'h':
		if (valid)
			print_digest(*skip_blanks(rest) == 'b' ? &w_before : &w_after, 0, &scenario);
		return valid;
	case 't':
		rest = skip_blanks(rest);
		if (valid) {
			w_build(&w_before, &scenario);
			w_trace_run(*rest == 'b' ? &w_before : &w_after, &before);
		}
		return valid;
	case 'd':
		rest = skip_blanks(rest);
		a = *rest == 'b';
		while (*rest && *rest != ' ')
			rest++;
		b = (unsigned long)w_number(&rest);
		count = (unsigned long)w_number(&rest);
		valid = false;
		print_digests(a ? &w_before : &w_after, b, count, (unsigned long)w_number(&rest));
		return true;
	case 'k':
		w_print_number("", w_agent_fits(&w_before));
		w_print_number(" ", !w_before.by_length);
		w_print_word("\n");
		return true;
	case 'v':
		print_coverage("before", &w_before);
		print_coverage("after", &w_after);
		return true;
	default: return false;
	}
}

int main(void)
{
	static char line[64 * W_MAX_SLOTS];

	w_allocate();
	w_catch();
	w_limit();
	for (;;) {
		w_read_command(line, sizeof(line));
		w_end_answer(answer(line));
	}
}
