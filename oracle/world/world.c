/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the machine: its memory, the image that each run starts from (image.c makes it), and which rules were
 * broken. All else here works on it, and it on nothing.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#undef bool
#include "hw.h"
#include "runtime.h"

struct world W;
struct mm_struct init_mm;
struct list_head w_list = { &w_list, &w_list };
spinlock_t mmlist_lock = { 0, -1 };
struct task_struct w_task = { .mm = &W.mm[0], .active_mm = &W.mm[0] };

unsigned long w_image[W_TABLES][W_SLOTS];
struct page w_page_image[W_NPAGES];
unsigned char w_start_dirty[W_NPAGES];
int w_start_maps[W_NPAGES];
struct world w_start;
unsigned int w_window_lo[W_TABLES], w_window_hi[W_TABLES];

volatile unsigned long w_runs;

void w_violate_at(enum w_rule rule, int slot, int line)
{
	if (W.violated >> rule & 1)
		return;
	W.violated |= (w_rules)1 << rule;
	W.where[rule] = slot;
	W.line[rule] = line;
	if (W.trace_on && line != W_LEFT && w_running())
		W.trace("rule", (long)rule, 0, 0);
}

/* What all runs start from alike. */
static void start_constant(void)
{
	int t;

	for (t = 0; t < W_TABLES; t++)
		w_start.ptl[t].id = t;
	w_start.pml.id = W_TABLES;
	w_start.mml.id = w_start.hvl.id = -1;
	w_start.upper = 1;
	w_start.asked = -1;
	w_start.steps = W_STEP_BUDGET;
	w_start.ending = W_RETURNED;
	w_start.mm[1].mm_id = 1;
	w_start.tlb.mm = &W.mm[0];
	w_start.tlb.start = ~0UL;
}

void w_allocate(void)
{
	int t;

	W.region = mmap(NULL, (2 * W_TABLES + 2) * W_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (W.region == MAP_FAILED)
		_Exit(70);
	W.region = (char *)(((unsigned long)W.region + W_PAGE_SIZE - 1) & ~(W_PAGE_SIZE - 1));
	/* One bit of an offset tells table from guard. */
	for (t = 0; t < W_TABLES; t++) {
		W.tab[t] = (unsigned long *)(W.region + (2 * (unsigned long)t + 1) * W_PAGE_SIZE);
		if (mprotect(W.tab[t], W_PAGE_SIZE, PROT_READ | PROT_WRITE))
			_Exit(70);
	}
	start_constant();
	W.pages = aligned_alloc(64, sizeof(struct page) * W_NPAGES);
	if (!W.pages)
		_Exit(70);
	memset(W.pages, 0, sizeof(struct page) * W_NPAGES);
}
