/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner: commands a line each on standard input, answers on standard output ending in a line ".".
 *   c SEED FIRST COUNT [1]  run that many scenarios, thoroughly with 1; prints the hits
 *   g SEED INDEX          the scenario as numbers
 *   s NUMBERS...          make this the current scenario, if a kernel can be in it
 *   q                     run it on all four sides; masks only
 *   x                     the same with every row, for people
 *   w SEED FIRST COUNT    the first generated scenario that is not valid, or -1
 *   t before|after        every PTE write and TLB flush of that side, in order
 *   v                     coverage of both sides since the start
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#undef bool
#include "runtime.h"

#define HARMLESS (1UL << W_DIFF_WRITE_LOST | 1UL << W_DIFF_YOUNG | 1UL << W_DIFF_DIRTY_GAINED | 1UL << W_DIFF_SOFT_GAINED | \
		  1UL << W_DIFF_CONT | 1UL << W_DIFF_SOFT_UNSEEN | 1UL << W_DIFF_KEPT)
/* Forcing batches to one changes how the work is cut, not what is done: calls and flush order may differ. */
#define CUT_ONLY (HARMLESS | 1UL << W_DIFF_WRITE_MERGED | 1UL << W_DIFF_CALLS | 1UL << W_DIFF_OTHER_BITS | 1UL << W_DIFF_FOLIO_FLAGS)

/* What may be set without need. */
#define SPURIOUS (1UL << W_DIFF_DIRTY_LOST | 1UL << W_DIFF_SOFT_LOST | 1UL << W_DIFF_FOLIO_DIRTY_LOST)

enum hit_class { V_INTRODUCED, V_BOTH, V_FIXED, D_BATCH, D_PLAIN, D_FIXED, D_OPAQUE, NCLASSES };
static const char *const class_names[] = { "introduced", "both", "fixed", "batch", "plain", "unbatch", "opaque" };

static struct { unsigned long n, first; } hits[NCLASSES][64];
static struct w_scenario scenario;
static struct w_snap before, after, before_one, after_one;

static void note(enum hit_class class, unsigned long mask, unsigned long index)
{
	for (; mask; mask &= mask - 1) {
		int code = __builtin_ctzl(mask);

		if (!hits[class][code].n++)
			hits[class][code].first = index;
	}
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
static bool comparable(const struct w_snap *snap) { return !w_before.by_length && !snap->failed; }

/*
 * The scenario that is built. The rules on final states are asked when the sides differ, and of one scenario in
 * eight otherwise; so is the relation to batches of one. thorough: of every scenario.
 */
static void one_scenario(unsigned long index, bool thorough)
{
	unsigned long plain, opaque_after, opaque_before;
	const struct w_snap *second; /* after, which is before when nothing differs */
	bool same;

	thorough |= !(index & 7);
	if (thorough)
		w_run(&w_before, false, &before);
	else
		w_run_unchecked(&w_before, &before);
	same = w_run_same(&w_after, &before, &after);
	if (!same && !thorough)
		w_run(&w_before, false, &before);
	second = same ? &before : &after;
	note(V_INTRODUCED, second->violated & ~before.violated, index);
	note(V_BOTH, second->violated & before.violated, index);
	note(V_FIXED, before.violated & ~second->violated, index);
	plain = same ? 0 : codes(&before, second) & ~HARMLESS;
	if (w_before.by_length) {
		note(D_PLAIN, plain, index);
		return;
	}
	if (same && !thorough)
		return;
	w_run(&w_after, true, &after_one);
	if (!comparable(&before) || !comparable(second) || !comparable(&after_one)) {
		note(D_PLAIN, plain, index);
		return;
	}
	opaque_after = codes(&after_one, second) & ~CUT_ONLY;
	if (same && !opaque_after)
		return;
	w_run(&w_before, true, &before_one);
	opaque_before = codes(&before_one, &before) & ~CUT_ONLY;
	/* Against a batch that set more than it had to, nothing is lost by one PTE at a time. */
	if (!opaque_after && !opaque_before && !(codes(&before_one, &after_one) & ~HARMLESS))
		plain &= ~SPURIOUS;
	if (same)
		note(D_OPAQUE, opaque_after & opaque_before, index);
	if (opaque_after & ~opaque_before)
		note(D_BATCH, opaque_after & ~opaque_before, index);
	else if (opaque_before & ~opaque_after)
		note(D_FIXED, opaque_before & ~opaque_after, index);
	else if (!same)
		note(D_PLAIN, plain, index);
}

static void campaign(unsigned long seed, unsigned long first, unsigned long count, bool thorough)
{
	unsigned long i;
	int class, code;

	memset(hits, 0, sizeof(hits));
	for (i = first; i < first + count; i++) {
		if (i > first && w_generate_next(seed, i, &scenario)) {
			w_build_call(&scenario);
		} else {
			w_generate(&w_before, seed, i, &scenario);
			w_build(&w_before, &scenario);
		}
		one_scenario(i, thorough);
	}
	for (class = 0; class < NCLASSES; class++)
		for (code = 0; code < 64; code++)
			if (hits[class][code].n) {
				w_print_word("hit ");
				w_print_word(class_names[class]);
				w_print_number(" ", code);
				w_print_number(" ", (long)hits[class][code].n);
				w_print_number(" ", (long)hits[class][code].first);
				w_print_word("\n");
			}
}

static void print_scenario(const struct w_scenario *s)
{
	unsigned int i;

	w_print_number("", s->vma);
	w_print_number(" ", s->mm);
	w_print_number(" ", s->first);
	w_print_number(" ", s->nslots);
	w_print_number(" ", s->start);
	w_print_number(" ", s->end);
	w_print_number(" ", s->vma_first);
	w_print_number(" ", s->vma_end);
	w_print_number(" ", s->nfolios);
	w_print_number(" ", s->salt);
	for (i = 0; i < W_OPTIONS; i++)
		w_print_number(" ", s->option[i]);
	for (i = 0; i < s->nfolios; i++) {
		w_print_number(" ", s->folio[i].kind);
		w_print_number(" ", s->folio[i].order);
		w_print_number(" ", s->folio[i].bits);
		w_print_number(" ", s->folio[i].pfn);
	}
	for (i = 0; i < s->nslots; i++) {
		w_print_number(" ", s->slot[i].kind);
		w_print_number(" ", s->slot[i].bits);
		w_print_number(" ", s->slot[i].folio);
		w_print_number(" ", s->slot[i].index);
	}
	w_print_word("\n");
}

static long number(const char **text) { return strtol(*text, (char **)text, 10); }

static bool read_scenario(const char *text, struct w_scenario *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->vma = (unsigned int)number(&text);
	s->mm = (unsigned int)number(&text);
	s->first = (unsigned short)number(&text);
	s->nslots = (unsigned short)number(&text);
	s->start = (unsigned short)number(&text);
	s->end = (unsigned short)number(&text);
	s->vma_first = (unsigned short)number(&text);
	s->vma_end = (unsigned short)number(&text);
	s->nfolios = (unsigned short)number(&text);
	s->salt = (unsigned short)number(&text);
	if (s->nfolios > W_MAX_FOLIOS || s->first + s->nslots > W_MAX_SLOTS || s->start > s->end || s->end > W_MAX_SLOTS)
		return false;
	for (i = 0; i < W_OPTIONS; i++)
		s->option[i] = number(&text);
	for (i = 0; i < s->nfolios; i++) {
		s->folio[i].kind = (unsigned char)number(&text);
		s->folio[i].order = (unsigned char)number(&text);
		s->folio[i].bits = (unsigned short)number(&text);
		s->folio[i].pfn = (unsigned short)number(&text);
		if (s->folio[i].order > 9 || s->folio[i].pfn + (1U << s->folio[i].order) > W_NPAGES)
			return false;
	}
	for (i = 0; i < s->nslots; i++) {
		s->slot[i].kind = (unsigned char)number(&text);
		s->slot[i].bits = (unsigned char)number(&text);
		s->slot[i].folio = (unsigned short)number(&text);
		s->slot[i].index = (unsigned short)number(&text);
	}
	return true;
}

static void print_side(const char *name, const struct w_snap *snap)
{
	unsigned int i;

	w_print_word("side ");
	w_print_word(name);
	w_print_number(" ", snap->ending);
	w_print_number(" ", (long)snap->violated);
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
	bool cut;

	w_build(&w_before, &scenario);
	for (i = 0; i < 4; i++) {
		w_run(all[i].side, all[i].one, all[i].snap);
		print_side(all[i].name, all[i].snap);
	}
	print_codes("pair", &before, &after);
	cut = comparable(&before) && comparable(&after) && comparable(&before_one) && comparable(&after_one);
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

static bool answer(const char *line)
{
	const char *rest = line + 1;
	unsigned long a, b, count;

	switch (line[0]) {
	case 'c':
		a = (unsigned long)number(&rest);
		b = (unsigned long)number(&rest);
		count = (unsigned long)number(&rest);
		campaign(a, b, count, number(&rest) == 1);
		return true;
	case 'g':
		a = (unsigned long)number(&rest);
		w_generate(&w_before, a, (unsigned long)number(&rest), &scenario);
		print_scenario(&scenario);
		return true;
	case 's': return read_scenario(rest, &scenario) && w_valid(&w_before, &scenario);
	case 'q': run_current(false); return true;
	case 'x': run_current(true); return true;
	case 'w':
		a = (unsigned long)number(&rest);
		b = (unsigned long)number(&rest);
		print_invalid(a, b, (unsigned long)number(&rest));
		return true;
	case 't':
		while (*rest == ' ')
			rest++;
		w_trace_run(*rest == 'b' ? &w_before : &w_after, &before);
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
	static char line[1 << 16];
	unsigned int used = 0;

	w_allocate();
	w_limit();
	for (;;) {
		ssize_t n = read(0, line + used, sizeof(line) - 1 - used);
		char *end;

		if (n <= 0)
			break;
		used += (unsigned int)n;
		line[used] = 0;
		while ((end = strchr(line, '\n')) != NULL) {
			*end = 0;
			w_print_word(answer(line) ? ".\n" : "?\n");
			w_flush_output();
			used -= (unsigned int)(end + 1 - line);
			memmove(line, end + 1, used + 1);
		}
		if (used == sizeof(line) - 1)
			break;
	}
	w_leave();
}
