/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the runner (W_COMMANDS in wire.h) and their answers.
 *   campaign   run that many scenarios, thoroughly with 1; prints the hits. WITHOUT: relations to leave out, to measure
 *   scenario   one as numbers
 *   tables     how many small tables there are, of up to so many PTEs, over how many states, in how many places
 *   exhaust    run that many of them, all options of the entry given; prints the hits
 *   table      one of them as numbers
 *   steer      so many scenarios near those of the first COUNT of a seed that reached probes LO to END
 *   take       make this the current scenario, if a kernel can be in it
 *   run        run it on all four sides; masks only
 *   rows       the same with every row, for people
 *   whole      run it as often as its range takes (whole.c), on the sides before and after; masks only
 *   invalid    the first generated scenario that is not valid, or -1
 *   digests    of what that side leaves, for other flavours to be held against
 *   digest     the same of the current scenario; nothing where it says nothing
 *   trace      every PTE write, TLB flush and broken rule of that side, in order; "@ N" for each probe passed, where the
 *              side was built to be traced
 *   coverage   of both sides since the start
 *   able       whether hardware may act here, and whether batches are forced to one: 1 or 0 each
 */
#include <string.h>
#undef bool
#include "runtime.h"
static struct w_scenario scenario;
static bool valid;	/* it is a state that a kernel can be in */

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

static unsigned long number(const char **rest) { return (unsigned long)w_number(rest); }

static void read_options(const char *rest, long option[W_OPTIONS])
{
	unsigned int k;

	for (k = 0; k < W_OPTIONS; k++)
		option[k] = w_number(&rest);
}

/* The side that is named next. */
static const struct w_side *side_of(const char **rest)
{
	bool first;

	while (**rest == ' ')
		++*rest;
	first = **rest == 'b';
	while (**rest && **rest != ' ')
		++*rest;
	return first ? &w_before : &w_after;
}

static bool do_campaign(const char *rest)
{
	unsigned long seed = number(&rest), first = number(&rest), count = number(&rest);
	bool thorough = number(&rest) == 1;

	w_campaign(seed, first, count, thorough, (unsigned int)number(&rest));
	return true;
}

static bool do_scenario(const char *rest)
{
	unsigned long seed = number(&rest);

	w_generate(&w_before, seed, number(&rest), &scenario);
	valid = w_valid(&w_before, &scenario);
	w_print_scenario(&scenario);
	return true;
}

static bool do_tables(const char *rest)
{
	print_tables((unsigned int)number(&rest));
	return true;
}

static bool do_exhaust(const char *rest)
{
	unsigned long first = number(&rest), count = number(&rest);
	long option[W_OPTIONS];

	read_options(rest, option);
	w_exhaust(first, count, option);
	return true;
}

static bool do_table(const char *rest)
{
	unsigned long index = number(&rest);
	long option[W_OPTIONS];

	read_options(rest, option);
	valid = w_table(&w_before, index, option, &scenario);
	if (valid)
		w_print_scenario(&scenario);
	return valid;
}

static bool do_steer(const char *rest)
{
	unsigned long seed = number(&rest), count = number(&rest), steered = number(&rest);
	unsigned int lo = (unsigned int)number(&rest);

	w_steer(seed, count, steered, lo, (unsigned int)number(&rest));
	return true;
}

static bool do_take(const char *rest) { return valid = w_read_scenario(rest, &scenario) && w_valid(&w_before, &scenario); }

static bool do_run(const char *rest)
{
	(void)rest;
	if (valid)
		w_print_runs(&scenario, false);
	return valid;
}

static bool do_rows(const char *rest)
{
	(void)rest;
	if (valid)
		w_print_runs(&scenario, true);
	return valid;
}

static bool do_whole(const char *rest)
{
	(void)rest;
	if (valid)
		w_print_whole(&scenario);
	return valid;
}

static bool do_invalid(const char *rest)
{
	unsigned long seed = number(&rest), first = number(&rest);

	valid = false;
	print_invalid(seed, first, number(&rest));
	return true;
}

static bool do_digests(const char *rest)
{
	const struct w_side *side = side_of(&rest);
	unsigned long seed = number(&rest), first = number(&rest);

	valid = false;
	print_digests(side, seed, first, number(&rest));
	return true;
}

static bool do_digest(const char *rest)
{
	if (valid)
		print_digest(side_of(&rest), 0, &scenario);
	return valid;
}

static bool do_trace(const char *rest)
{
	static struct w_snap snap;

	if (valid) {
		w_build(&w_before, &scenario);
		w_trace_run(side_of(&rest), &snap);
	}
	return valid;
}

static bool do_coverage(const char *rest)
{
	(void)rest;
	w_print_coverage("before", &w_before);
	w_print_coverage("after", &w_after);
	return true;
}

static bool do_able(const char *rest)
{
	(void)rest;
	w_print_number("", w_agent_fits(&w_before));
	w_print_number(" ", !w_before.by_length);
	w_print_word("\n");
	return true;
}

bool w_answer(const char *line)
{
#define X(name, given) { #name, do_##name },
	static const struct { const char *name; bool (*answers)(const char *rest); } commands[] = { W_COMMANDS(X) };
#undef X
	unsigned long length = strcspn(line, " "), k;

	for (k = 0; k < sizeof(commands) / sizeof(commands[0]); k++)
		if (strlen(commands[k].name) == length && !memcmp(line, commands[k].name, length))
			return commands[k].answers(line + length);
	return false;
}
