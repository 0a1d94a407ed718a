/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * __collapse_huge_page_copy, mm/khugepaged.c: after the entries' folios were isolated. On success the new folio has
 * taken their place in rss and is mapped next; on failure all is as it was.
 */
#include "collapse.h"
#include "collapse_table.h"

static struct page w_target[W_SLOTS];	/* the folio that is collapsed into */

#if W_ANY_ORDER
#define w_order_of(c) (c)->order,
#else
#define w_order_of(c)
#endif
#define w_copy(c, to) __collapse_huge_page_copy((c)->pte, to, (c)->pmd, (c)->was, &W.vma[0], (c)->addr, &W.ptl[(c)->table], \
						 w_order_of(c) &(c)->large)

/* Page i of the new folio holds what entry i mapped, or zeroes (B12), and no entry is left (B11). */
static void w_check_copied(const struct w_collapse *c)
{
	const unsigned int first = c->slot - W.scn->first;
	unsigned int i;

	for (i = 0; i < 1U << c->order; i++) {
		const struct w_slot *slot = first + i < W.scn->nslots ? &W.scn->slot[first + i] : NULL;
		unsigned long from = slot && slot->kind == W_SLOT_PAGE ? W.scn->folio[slot->folio].pfn + slot->index + 1UL : 0;

		if (w_target[i].private != from)
			w_violate(B12, (int)(c->slot + i));
		if (slot && slot->bits & W_WP) /* a huge page would have nowhere to keep it */
			w_violate(D6, (int)(c->slot + i));
		if (w_raw(c->pte + i))
			w_violate(B11, (int)(c->slot + i));
	}
}

static void w_entry(void)
{
	struct w_collapse c;

	w_begin_collapse(&c);
	spin_lock(&W.ptl[c.table]);
	W.facts.ret = w_isolate(&c);
	spin_unlock(&W.ptl[c.table]);
	if (W.facts.ret == SCAN_SUCCEED) {
		memset(w_target, 0xff, sizeof(w_target));
		W.facts.ret = w_copy(&c, (struct folio *)w_target);
		if (W.facts.ret == SCAN_SUCCEED) {
			w_check_copied(&c);
			W.mm[0].rss[MM_ANONPAGES] -= 1L << c.order;
		}
		w_check_isolated(&c, false);
		if (W.facts.ret != SCAN_SUCCEED && !w_linked(c.table))
			w_violate(G6, (int)c.slot);
	}
	W.pmd[c.table] = w_table_pmd(c.table);
	w_hold_all(1);
}
#define W_FAMILY W_FAM_COLLAPSE
#define W_WANTS (W_WANT_ANON | W_WANT_TABLE | W_WANT_LOCKS | W_WANT_PLAIN)
