/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swapin_walk_pmd_entry, mm/madvise.c: MADV_WILLNEED's page-table walk on one page table of an anonymous VMA. Rule L9:
 * each swap entry of the range is read once, without the table's lock.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &W.vma[0] };
	unsigned int at, wanted = 0;

	w_fail_from(s->option[0]);
	W.facts.ret = swapin_walk_pmd_entry((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	for (at = s->start; at < s->end; at++)
		wanted += s->slot[at - s->first].kind == W_SLOT_SWAP;
	if (!W.failed && W.facts.ncalls != wanted)
		w_violate(L9, -1);
}
#define W_FAMILY W_FAM_LOOK
