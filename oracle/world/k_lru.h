/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for the LRU lists: who has isolated a folio, where it goes back to. Semantics: mm/folio_compat.h,
 * mm/vmscan.c, mm/swap.c, mm/mlock.c.
 */
#ifndef W_K_LRU_H
#define W_K_LRU_H

unsigned long w_stub(const char *name, unsigned long args);

/* To the inactive list, lru_deactivate in mm/swap.c. */
static inline void folio_deactivate(struct folio *f)
{
	w_step();
	if (!folio_test_lru(f) || folio_test_unevictable(f))
		return;
	folio_clear_active(f);
	folio_clear_referenced(f);
	folio_set_deactivated(f);
}
static inline void folio_activate(struct folio *f)
{
	if (folio_test_lru(f) && !folio_test_unevictable(f))
		folio_set_active(f);
}

/* What is on the list goes back to the LRU, marked; nothing that sleeps runs under a page table lock. */
static inline void w_empty_list(struct list_head *list)
{
	struct folio *f, *next;

	list_for_each_entry_safe(f, next, list, lru) {
		list_del(&f->lru);
		folio_set_reclaim(f);
		folio_putback_lru(f);
	}
}
static inline bool w_is_listed(const struct list_head *list, const struct folio *f)
{
	const struct folio *at;

	list_for_each_entry(at, list, lru)
		if (at == f)
			return true;
	return false;
}
static inline unsigned long reclaim_pages(struct list_head *list)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++)
		if (W.ptl[t].held)
			w_violate(L1, -1);
	w_empty_list(list);
	return 0;
}

/* What a walk for migration asks of a VMA and its nodes, mm/mempolicy.c. */
#define N_MEMORY 0
#define node_states ((const nodemask_t[]){ { { ~0UL } } })
#define node_isset(nid, mask) ((mask).bits[0] >> (nid) & 1)
#define vma_migratable(vma) ((void)(vma), (W.scn->salt & 0x700) != 0x700)

/* mm/mlock.c: an mlocked folio is unevictable; each call counts once more or once less. */
static inline void mlock_folio(struct folio *f)
{
	w_step();
	folio_set_mlocked(f);
	folio_set_unevictable(f);
	(void)w_stub("mlock_folio", f->w_head);
}
static inline void munlock_folio(struct folio *f)
{
	w_step();
	folio_clear_mlocked(f);
	folio_clear_unevictable(f);
	(void)w_stub("munlock_folio", f->w_head);
}

#endif
