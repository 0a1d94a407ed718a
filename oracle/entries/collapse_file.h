/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try_collapse_pte_mapped_thp, mm/khugepaged.c: the page cache has one folio of 2M where a file VMA has a table that
 * maps it page by page; the table gives way to the folio, or to nothing, and the next fault maps it. mmap lock held;
 * the caller has seen to the VMA.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int table = s->start / W_SLOTS;
	struct folio *folio = (struct folio *)&W.pages[s->folio[0].pfn];

	w_fail_from(s->option[0] & 7);
	/* By now the cache may have another folio there, or the table may be gone. */
	w_cached = s->option[3] % 16 == 2 && s->nfolios > 1 && s->folio[1].kind != W_FOLIO_ANON ?
		(struct folio *)&W.pages[s->folio[1].pfn] : folio;
	if (s->option[3] % 16 == 1)
		W.pmd[table] = 0;
	W.facts.ret = try_collapse_pte_mapped_thp(&W.mm[0], W_SRC_VA + table * HPAGE_PMD_SIZE + (unsigned long)s->option[1] * PAGE_SIZE %
						  HPAGE_PMD_SIZE, s->option[2] & 1);
	W.facts.out[0] = w_linked(table);
	W.facts.out[1] = atomic_read(&w_cached->_entire_mapcount);
	/* The PMD gets its table back: what mapping the folio did is undone. */
	W.mm[0].rss[mm_counter_file(w_cached)] -= HPAGE_PMD_NR * W.facts.out[1];
	w_cached->_entire_mapcount.counter -= (int)W.facts.out[1];
	w_cached->_large_mapcount.counter -= (int)W.facts.out[1];
	w_cached->_refcount.counter -= (int)W.facts.out[1];
	W.pmd[table] = w_table_pmd(table);
}
#define W_FAMILY W_FAM_COLLAPSE
#define W_WANTS (W_WANT_TABLE | W_WANT_HUGE_FILE)
