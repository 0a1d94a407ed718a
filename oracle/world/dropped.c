/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is due when a page table lock is dropped: who takes it next trusts that the MMU sees what the entries say. */
#include "mmu.h"
#include "held.h"

/* Not in the range that a gather flushes in the end. */
static inline bool forgotten(unsigned int t, unsigned int slot)
{
	unsigned long addr = (t < 2 ? W_SRC_VA : W_DST_VA) + (t & 1) * W_PMD_SIZE + slot * W_PAGE_SIZE;

	return addr < W.tlb.start || addr >= W.tlb.end;
}

/* A CPU can dirty the page of a file unseen: folio_mkclean() finds no entry, and nobody holds the folio lock against it. */
static inline bool dirtied_unseen(unsigned int t, unsigned int slot)
{
	unsigned long was = W.stale_pte[t][slot], n = W_HW_PFN(was) - W_PFN_BASE;

	if (!W_HW_DIRTY(was) || W_HW_VALID(W.tab[t][slot]) || n >= W.npages)
		return false;
	return !(W.pages[W.pages[n].w_head].flags & (1UL << W_PG_anon | 1UL << W_PG_locked));
}

/* T2 of one table: no CPU may use one of its old translations, if that matters. */
static inline void check_table(unsigned int t, bool (*matters)(unsigned int t, unsigned int slot))
{
	unsigned int i;

	for (i = W.dirty_lo[t]; i < W.dirty_hi[t]; i = w_next_held(t, i + 1, W.dirty_hi[t]))
		if (W.stale[t][i] == W_STALE && matters(t, i)) {
			w_unflushed(t, i);
			return;
		}
}

static void check_pmds(void)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++)
		if (W.stale_pmd[t])
			w_violate(T2, (int)(t * W_SLOTS));
}

/*
 * S10: no entry is held out over an unlock. T4: mremap has flushed the old range before it drops either lock. T2, unless
 * the flush may come later: of all of the mm (dup_mmap, kernel/fork.c), of what a gather was told, with the table itself
 * (pmdp_collapse_flush, while the folio stays locked), of what a walk noted, or nobody knows by whom.
 */
void w_ptl_dropped(spinlock_t *l)
{
	unsigned int t = (unsigned int)l->id;

	if (t < W_TABLES)
		W.owes_flush = W.catches_up;
	if (W.changing)
		w_violate(S10, -1);
	if (!W.nstale || l->held)
		return;
	if (w_trait(&W, FLUSHES_AT_UNLOCK))
		w_violate(T4, (int)(W.dirty_lo[0] < W_SLOTS ? W.dirty_lo[0] : W_SLOTS + W.dirty_lo[1]));
	else if (w_trait(&W, FLUSHES_DIRTY) && t < W_TABLES)
		check_table(t, dirtied_unseen);
	else if (!w_trait(&W, FLUSHED_LATER) && t < W_TABLES)
		check_table(t, forgotten);
	else if (!w_trait(&W, FLUSHED_LATER))
		check_pmds();
}
