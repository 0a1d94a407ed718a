// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The laboratory's main: reads chunks of sequences from standard input and writes what was observed.
 *   in:  u32 words of the chunk; each sequence: s32 number of operations, mode, flags; 6 s32 for each operation
 *   out: for each sequence u64 ending, violated rules, number of words; the words
 * mode 0: results only; 1: results and the table; 2: pages, rss, swap counts and stale translations as well.
 * flags: 1 the CPU has BBML2, 2 the kernel's mm.
 */
#include <stdio.h>
#include <stdlib.h>
#undef bool
#include "runtime.h"

const int *lab_ops;
int lab_nops, lab_mode;
unsigned long *lab_out;
void lab_observe(void (*table)(void));

#define SWAPS 16
static unsigned long words[1 << 20];
static struct w_scenario scenario = {
	.vma = W_V_WRITE | W_V_ANON_VMA, .vma_end = W_MAX_SLOTS, .end = W_MAX_SLOTS, .nfolios = 9,
	.folio = {
		{ W_FOLIO_ANON, 5, W_F_SWAPBACKED, 32, 0 }, { W_FOLIO_ANON, 4, W_F_SWAPBACKED, 64, 0 },
		{ W_FOLIO_ANON, 2, W_F_SWAPBACKED, 80, 0 }, { W_FOLIO_ANON, 0, W_F_SWAPBACKED, 84, 0 },
		{ W_FOLIO_FILE, 0, 0, 85, 0 }, { W_FOLIO_SHMEM, 3, W_F_SWAPBACKED, 88, 0 },
		{ W_FOLIO_FILE, 4, 0, 96, 0 }, { W_FOLIO_ANON, 2, W_F_SWAPBACKED | W_F_PINNED, 112, 0 },
		{ W_FOLIO_ANON, 0, W_F_SWAPBACKED | W_F_PINNED, 116, 0 },
	},
};

/* Mapcount, AnonExclusive; of the first page also what the folio counts. */
static unsigned long page_word(unsigned int n)
{
	const struct page *p = &W.pages[n];
	unsigned long word = (unsigned long)((p->_mapcount.counter + 1) & 0xff) | (p->flags >> W_PG_exclusive & 1) << 8;

	if (p->w_head != n)
		return word;
	return word | (unsigned long)(p->_refcount.counter & 0xffff) << 16 |
		(unsigned long)((p->w_order ? p->_large_mapcount.counter + 1 : 0) & 0xff) << 32 |
		(p->flags >> W_PG_partially_mapped & 1) << 40;
}

void lab_observe(void (*table)(void))
{
	unsigned long stale = 0;
	unsigned int f;
	int i, type;

	if (lab_mode > 0)
		table();
	if (lab_mode < 2)
		return;
	for (f = 0; f < scenario.nfolios; f++)
		for (i = 0; i < 1 << scenario.folio[f].order; i++)
			*lab_out++ = page_word(scenario.folio[f].pfn + (unsigned int)i);
	for (i = 0; i < 4; i++)
		*lab_out++ = (unsigned long)W.mm[0].rss[i];
	for (type = 0; type < 2; type++)
		for (i = 0; i < SWAPS; i++)
			*lab_out++ = (unsigned long)W.swap_count[type][i];
	for (i = 0; i < 48; i++)
		stale |= (unsigned long)w_is_stale(0, (unsigned int)i) << i;
	*lab_out++ = stale;
}

static const int *run(const int *in)
{
	static struct w_snap snap;
	unsigned long head[3];

	lab_nops = in[0];
	lab_mode = in[1];
	lab_ops = in + 3;
	lab_out = words;
	scenario.salt = (unsigned short)(in[2] & 1);
	scenario.mm = (unsigned int)in[2] >> 1 & 1;
	w_build_call(&scenario);
	w_run_unchecked(&w_before, &snap);
	head[0] = (unsigned long)snap.ending;
	head[1] = snap.violated;
	head[2] = (unsigned long)(lab_out - words);
	fwrite(head, sizeof(head), 1, stdout);
	fwrite(words, 8, head[2], stdout);
	return in + 3 + 6 * lab_nops;
}

int main(void)
{
	unsigned int n;

	w_allocate();
	w_catch();
	w_build(&w_before, &scenario);
	w_start.nswap = SWAPS;
	while (fread(&n, sizeof(n), 1, stdin) == 1) {
		int *in = malloc(n * sizeof(*in));
		const int *at = in;

		if (!in || fread(in, sizeof(*in), n, stdin) != n)
			return 1;
		while (at < in + n)
			at = run(at);
		fflush(stdout);
		free(in);
	}
	return 0;
}
