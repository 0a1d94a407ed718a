/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a flush and a gather make of translations that CPUs hold, and who asks for one that should be gone. */
#include "mmu.h"
#include "held.h"

/* No CPU holds anything of the slots behind one, as far as they are looked at eight at a time: the first that were not. */
static inline unsigned int forget_some(unsigned int t, unsigned int slot, unsigned int end)
{
	const unsigned long ones = 0x0101010101010101UL;
	unsigned long eight, both, either;

	for (slot++; slot + 8 <= end; slot += 8) {
		memcpy(&eight, &W.stale[t][slot], 8);
		/* HELD has two bits set, other states that are not FRESH one of them. */
		both = eight & eight >> 1 & ones;
		either = (eight | eight >> 1) & ones & ~both;
		W.nheld -= (unsigned int)(both * ones >> 56);
		W.nstale -= (unsigned int)(either * ones >> 56);
		memset(&W.stale[t][slot], 0, 8);
	}
	return slot;
}

static void make_stale(const struct mm_struct *mm, unsigned long start, unsigned long end, enum w_stale state)
{
	unsigned int t;

	for (t = 0; t < W_TABLES && (W.nstale | W.nheld); t++) {
		/* At fork tables 2 and 3 are the child's, at the same addresses. */
		bool fork = w_trait(&W, COPIES);
		unsigned long base = (t < 2 || fork ? W_SRC_VA : W_DST_VA) + (t & 1) * W_PMD_SIZE;
		unsigned int i, hi = W.dirty_hi[t];

		if ((mm != &W.mm[fork && t >= 2] && mm != &init_mm) || end <= base || start >= base + W_PMD_SIZE)
			continue;
		if (W.stale_pmd[t] && start <= base && end >= base + W_PMD_SIZE) {
			W.stale_pmd[t] = 0;
			W.nstale--;
		}
		i = start > base ? (unsigned int)((start - base + W_PAGE_SIZE - 1) / W_PAGE_SIZE) : 0;
		i = i > W.dirty_lo[t] ? i : W.dirty_lo[t];
		if (end - base < hi * W_PAGE_SIZE)
			hi = (unsigned int)((end - base + W_PAGE_SIZE - 1) / W_PAGE_SIZE);
		for (; i < hi; i = state == W_FRESH ? forget_some(t, i, hi) : w_next_held(t, i + 1, hi))
			if (W.stale[t][i])
				w_set_state(t, i, W.stale[t][i] == W_HELD ? W_FRESH : state);
	}
}

void w_tlb_flush(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	w_step();
	w_count(tlb_flush);
	if (end - start <= 2 * W_PMD_SIZE)
		w_count_n(tlb_pages, (unsigned int)((end - start + W_PAGE_SIZE - 1) / W_PAGE_SIZE));
	if (W.trace_on)
		W.trace("flush", (long)start, (long)((end - start) / W_PAGE_SIZE), 0);
	if (W.nstale | W.nheld)
		make_stale(mm, start, end, W_FRESH);
}

void w_tlb_flush_here(void)
{
	w_step();
	w_count(tlb_flush);
}

void w_tlb_defer(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	w_step();
	if (W.trace_on)
		W.trace("flush", (long)start, (long)((end - start) / W_PAGE_SIZE), 0);
	if (W.nstale | W.nheld)
		make_stale(mm, start, end, W_STALE_DEFERRED);
}

void w_tlb_deferred(void)
{
	unsigned int t, i;

	w_count(tlb_flush);
	for (t = 0; W.nstale && t < W_TABLES; t++)
		for (i = W.dirty_lo[t]; i < W.dirty_hi[t]; i = w_next_held(t, i + 1, W.dirty_hi[t]))
			if (W.stale[t][i] == W_STALE_DEFERRED)
				w_set_state(t, i, W_FRESH);
}

/* T2, T9: a CPU may still use what an entry was, or, where that is all it allows, write without being seen. */
void w_unflushed(unsigned int t, unsigned int slot)
{
	unsigned long was = W.stale_pte[t][slot], now = W.tab[t][slot];

	if (W_HW_VALID(now) && W_HW_WRITE(now) && (!W_HW_EXEC(was) || W_HW_EXEC(now)))
		w_violate(T9, (int)(t * W_SLOTS + slot));
	else
		w_violate(T2, (int)(t * W_SLOTS + slot));
}

/* First slot with a stale translation of one of the pages, a dirty one if asked; or -1. */
static int stale_slot(unsigned int page, unsigned int nr, bool dirty)
{
	unsigned int t, i;

	for (t = 0; t < W_TABLES; t++)
		for (i = W.dirty_lo[t]; i < W.dirty_hi[t]; i = w_next_held(t, i + 1, W.dirty_hi[t])) {
			unsigned long was = W.stale_pte[t][i];

			if (w_is_stale(t, i) && W_HW_PFN(was) - W_PFN_BASE - page < nr && (!dirty || W_HW_DIRTY(was)))
				return (int)(t * W_SLOTS + i);
		}
	return -1;
}

/* G10: without the folio lock, folio_mkclean must find the page mapped while a CPU can dirty it unseen. */
void w_page_unmapped(unsigned int page, unsigned int nr)
{
	int at = stale_slot(page, nr, true);

	if (at >= 0)
		w_violate(G10, at);
}

/* T1: a page may be reused once the gather drops it. */
void w_page_leaves(unsigned int page, unsigned int nr)
{
	int at = W.nstale ? stale_slot(page, nr, false) : -1;

	if (at >= 0)
		w_violate(T1, at);
}

void w_forget(unsigned int t, unsigned int slot) { w_set_state(t, slot, W_FRESH); }
