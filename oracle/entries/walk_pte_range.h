/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_pte_range, mm/vmscan.c: the multi-generational LRU's walk of an mm on one page table, for one node and control
 * group; VMAs of raw pfns are left out (should_skip_vma). Rule L9: every entry of the range is counted.
 */
#include "lru_state.h"
#include "lru_gen.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct lru_gen_mm_walk own = { .lruvec = &w_lruvecs[s->option[0] & 1] };
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &own };

	w_mark_special(&W.vma[0]);
	if (W.vma[0].vm_flags & VM_PFNMAP || s->slot[0].kind == W_SLOT_PMD)
		return;
	w_nodes_reset();
	w_lru_state((unsigned long)s->option[1]);
	w_secondary_reset();
	w_fail_from(s->option[2]);
	W.facts.ret = walk_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = own.mm_stats[MM_LEAF_TOTAL];
	W.facts.out[1] = own.mm_stats[MM_LEAF_YOUNG];
	if (!W.failed && own.mm_stats[MM_LEAF_TOTAL] != s->end - s->start)
		w_violate(L9, -1);
	w_check_seen(NULL);
}
#define W_FAMILY W_FAM_AGE
/* A batch counts as young where one of its entries is. */
#define W_BY_LENGTH 1
