/* SPDX-License-Identifier: GPL-2.0-or-later */
/* __collapse_huge_page_isolate, mm/khugepaged.c: under the lock of the table; on success its caller goes on to copy. */
#include "collapse.h"
#include "collapse_table.h"

static void w_entry(void)
{
	struct w_collapse c;

	w_begin_collapse(&c);
	spin_lock(&W.ptl[c.table]);
	W.facts.ret = w_isolate(&c);
	spin_unlock(&W.ptl[c.table]);
	w_check_isolated(&c, W.facts.ret == SCAN_SUCCEED);
	while (!list_empty(&c.large))
		list_del(c.large.next);
	W.pmd[c.table] = w_table_pmd(c.table);
	for (c.slot = 0; W.facts.ret == SCAN_SUCCEED && c.slot < W.scn->nfolios; c.slot++)
		if (!folio_test_lru((struct folio *)&W.pages[W.scn->folio[c.slot].pfn]))
			folio_put((struct folio *)&W.pages[W.scn->folio[c.slot].pfn]); /* what isolation holds */
	w_hold_all(1);
}
#define W_FAMILY W_FAM_COLLAPSE
#define W_WANTS (W_WANT_ANON | W_WANT_TABLE | W_WANT_LOCKS | W_WANT_PLAIN)
