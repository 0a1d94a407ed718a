/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What collapse_huge_page, mm/khugepaged.c, does before it looks at the entries of a table: with both locks of the mm
 * held for writing, the table is taken out of its PMD and the TLB flushed.
 */
#ifdef HAVE_collapse_max_ptes_none
#define W_ANY_ORDER 1	/* since 7.2 a table can be collapsed in part */
#else
#define W_ANY_ORDER 0
#endif

struct w_collapse {
	unsigned int table, slot, order;
	unsigned long addr;
	pmd_t *pmd, was;
	pte_t *pte;
	struct list_head large;
};

static void w_begin_collapse(struct w_collapse *c)
{
	const struct w_scenario *s = W.scn;

	c->table = s->start / W_SLOTS;
	c->order = W_ANY_ORDER && s->option[1] ? 2 + (unsigned int)s->option[1] % 8 : 9;
	c->slot = (s->start + (unsigned int)s->option[2] % (unsigned int)(s->end - s->start)) & ~((1U << c->order) - 1);
	c->addr = W_SRC_VA + c->slot * PAGE_SIZE;
	c->pmd = (pmd_t *)&W.pmd[c->table];
	c->was = *c->pmd;
	c->pte = (pte_t *)W.tab[c->table] + c->slot % W_SLOTS;
	INIT_LIST_HEAD(&c->large);
	w_limits(s->option[0]);
	w_fail_from(s->option[3] & 7);
	w_hold_all(-1);
	W.pmd[c->table] = 0;
	flush_tlb_range(&W.vma[0], c->addr & HPAGE_PMD_MASK, (c->addr & HPAGE_PMD_MASK) + HPAGE_PMD_SIZE);
}

#if W_ANY_ORDER
#define w_isolate(c) __collapse_huge_page_isolate(&W.vma[0], (c)->addr, (c)->pte, &w_cc, (c)->order, &(c)->large)
#else
#define w_isolate(c) __collapse_huge_page_isolate(&W.vma[0], (c)->addr, (c)->pte, &w_cc, &(c)->large)
#endif

/* The folios isolated and locked must be just those mapped by the entries; nothing of it if it failed. */
static void w_check_isolated(const struct w_collapse *c, bool done)
{
	unsigned int i, f;
	static bool mapped[W_MAX_FOLIOS];

	memset(mapped, 0, sizeof(mapped));
	for (i = 0; done && i < 1U << c->order; i++) {
		struct w_pte l;

		w_decode(w_raw(c->pte + i), &l);
		for (f = 0; l.kind == W_SLOT_PAGE && f < W.scn->nfolios; f++)
			if (l.pfn - W_PFN_BASE - W.scn->folio[f].pfn < 1UL << W.scn->folio[f].order)
				mapped[f] = true;
	}
	for (f = 0; f < W.scn->nfolios; f++) {
		struct folio *folio = (struct folio *)&W.pages[W.scn->folio[f].pfn];
		bool was_locked = W.scn->folio[f].bits & W_F_LOCKED;

		/* G3: nobody else can come at what is copied; one reference is that of isolation. */
		if (mapped[f] && folio_ref_count(folio) != folio_expected_ref_count(folio) + 1)
			w_violate(G3, -1);
		if (folio_test_lru(folio) == mapped[f] || folio_test_locked(folio) != (mapped[f] || was_locked))
			w_violate(G6, -1);
	}
}
