/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collapse_scan_pmd, mm/khugepaged.c (hpage_collapse_scan_pmd before 7.1): a look at a table, under its lock, for
 * whether to collapse it. That is another function's work; here it is only noted which parts would be.
 */
#include "collapse.h"

#if defined(W_ENTRY_collapse_scan_pmd)
#define w_scan_table collapse_scan_pmd
#else
#define w_scan_table hpage_collapse_scan_pmd
#endif

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	bool dropped = false;

	khugepaged_max_ptes_swap = s->option[1] & 1 ? (unsigned int)s->option[1] / 2 % 8 : 64;
	memset(&w_cc, 0, sizeof(w_cc));
	w_limits(s->option[0]);
	w_hold_all(-1);
	w_fail_from(s->option[3] & 7);
	W.facts.ret = w_scan_table(&W.mm[0], &W.vma[0], W_SRC_VA + s->start / W_SLOTS * HPAGE_PMD_SIZE, &dropped, &w_cc);
	W.facts.out[1] = dropped;
	w_hold_all(1);
}
#define W_FAMILY W_FAM_COLLAPSE
#define W_WANTS (W_WANT_TABLE | W_WANT_LOCKS | W_WANT_PLAIN)
