/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for the LRU lists: who has isolated a folio, where it goes back to. Semantics: mm/folio_compat.h,
 * mm/vmscan.c, mm/swap.c, mm/mlock.c. A list is the mark Listed on the folios that are on it: a caller has one at a
 * time, and its order says nothing.
 */
#ifndef W_K_LRU_H
#define W_K_LRU_H

unsigned long w_stub(const char *name, unsigned long args);

#define LIST_HEAD(name) struct list_head name = { &name, &name }

/* A folio's list head is where the folio is. */
static inline void w_list_add(void *node, struct list_head *head)
{
	struct folio *f = node;

	if ((unsigned long)f - (unsigned long)W.pages >= W_NPAGES * sizeof(struct page)) {
		(list_add)(node, head);
		return;
	}
	w_step();
	if (folio_test_set_listed(f))
		w_violate(X5, -1); /* twice on a list */
	head->next = NULL;
}
#define list_add(node, head) w_list_add(node, head)
#define list_add_tail(node, head) w_list_add(node, head)

static inline bool folio_isolate_lru(struct folio *f)
{
	w_step();
	if (!folio_test_lru(f))
		return false;
	folio_clear_lru(f);
	folio_get(f);
	return true;
}
static inline void folio_putback_lru(struct folio *f)
{
	folio_set_lru(f);
	folio_put(f);
}
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
static inline void w_empty_list(void)
{
	unsigned int f, n, end;

	for (f = 0; f < W.scn->nfolios; f++) {
		end = W.scn->folio[f].pfn + (1U << W.scn->folio[f].order);
		/* It may have been split on the way. */
		for (n = W.scn->folio[f].pfn; n < end; n += 1U << W.pages[n].w_order)
			if (folio_test_clear_listed((struct folio *)&W.pages[n])) {
				folio_set_reclaim((struct folio *)&W.pages[n]);
				folio_putback_lru((struct folio *)&W.pages[n]);
			}
	}
}
static inline unsigned long reclaim_pages(struct list_head *list)
{
	unsigned int t;

	for (t = 0; t < W_TABLES; t++)
		if (W.ptl[t].held)
			w_violate(L1, -1);
	if (list->next != list)
		w_empty_list();
	return 0;
}

/* What a walk for migration asks of a VMA and its nodes, mm/mempolicy.c. */
#define node_isset(nid, mask) ((mask).bits[0] >> (nid) & 1)
#define vma_migratable(vma) ((void)(vma), (W.scn->salt & 0x700) != 0x700)
#define node_stat_mod_folio(f, item, nr) ((void)(f))

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
