/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run told as it goes: entries written, flushes, rules broken. Of a side built to be traced also its probes ("@ N"),
 * and before each what has become of pages, folios and rss since the last, as rows.
 */
#include <stdio.h>
#include <string.h>
#undef bool
#include "hw.h"
#include "runtime.h"

static const struct w_side *traced;
static struct page pages_then[W_NPAGES];
static long rss_then[2][W_RSS];

static void flushed(unsigned long start, unsigned long pages)
{
	bool moved = start >= W_DST_VA;
	unsigned long zero = moved ? W_DST_VA + (unsigned long)W.dst_first * W_PAGE_SIZE : W_SRC_VA + W.scn->start * W_PAGE_SIZE;
	char text[96];

	if (pages > W_MAX_SLOTS)
		snprintf(text, sizeof(text), "flush the whole address space\n");
	else
		snprintf(text, sizeof(text), "flush %lu page%s from %sPTE %ld\n", pages, pages == 1 ? "" : "s", moved ? "new " : "",
			 (long)(start - zero) / (long)W_PAGE_SIZE);
	w_print_word(text);
}

static bool same_row(const struct page *a, const struct page *b)
{
	return a->_mapcount.counter == b->_mapcount.counter && !((a->flags ^ b->flags) >> W_PG_exclusive & 1);
}

/* What does not lie in page tables, where it has changed. */
static void changed_rows(void)
{
	unsigned long told = 1UL << W_PG_dirty | 1UL << W_PG_swapbacked | 1UL << W_PG_swapcache | 1UL << W_PG_locked |
		1UL << W_PG_partially_mapped | 1UL << W_PG_ksm;
	unsigned int i, n;

	for (i = 0; i < W.scn->nfolios; i++) {
		const struct w_folio *f = &W.scn->folio[i];

		if (W.pages[f->pfn]._refcount.counter != pages_then[f->pfn]._refcount.counter ||
		    (W.pages[f->pfn].flags ^ pages_then[f->pfn].flags) & told)
			w_folio_row(W.scn, &W.pages[W.scn->folio[i].pfn], i);
		for (n = f->pfn; n < f->pfn + (1U << f->order); n++)
			if (!same_row(&W.pages[n], &pages_then[n]))
				w_page_row(W.scn, &W.pages[n], n);
	}
	memcpy(pages_then, W.pages, sizeof(struct page) * W.npages);
	for (i = 0; i < 2 * W_RSS; i++)
		if (rss_then[i / W_RSS][i % W_RSS] != W.mm[i / W_RSS].rss[i % W_RSS])
			w_rss_row(i / W_RSS, i % W_RSS, rss_then[i / W_RSS][i % W_RSS] = W.mm[i / W_RSS].rss[i % W_RSS]);
}

static void told(const char *what, long a, long b, unsigned long v)
{
#define X(name, text) text "\n",
	static const char *const barriers[] = { W_BARRIERS(X) };
#undef X

	switch (what[0]) {
	case 'b':
		w_print_word(barriers[a]);
		break;
	case 'a':
		changed_rows();
		w_print_number("@ ", a);
		w_print_word("\n");
		break;
	case 'r':
		w_print_number("rule ", a);
		w_print_word("\n");
		break;
	case 'f':
		flushed((unsigned long)a, (unsigned long)b);
		break;
	default:
		if (what[0] == 'h')
			w_print_word("another CPU: ");
		w_slot_row(traced, (unsigned int)a, (unsigned int)b, v);
	}
}

void w_trace_run(const struct w_side *side, struct w_snap *out)
{
	unsigned int i;

	traced = side;
	memcpy(pages_then, w_page_image, sizeof(struct page) * w_start.npages);
	for (i = 0; i < 2 * W_RSS; i++)
		rss_then[i / W_RSS][i % W_RSS] = w_start.mm[i / W_RSS].rss[i % W_RSS];
	W.trace = told;
	W.trace_on = 1;
	w_run(side, false, false, out);
	W.trace_on = 0;
	changed_rows();
}
