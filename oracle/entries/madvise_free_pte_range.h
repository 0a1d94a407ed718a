/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * madvise_free_pte_range, mm/madvise.c: called by the page-table walk for one page table of an anonymous VMA, with
 * the gather as its private data; the caller finishes the gather.
 */
static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct mm_walk walk = { .vma = &W.vma[0], .private = &W.tlb };

	w_fail_from(s->option[0]);
	W.facts.ret = madvise_free_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	tlb_finish_mmu(&W.tlb);
}
#define W_FAMILY W_FAM_FREE
/* Whether a large folio is split depends on whether one batch covers it. */
#define W_BY_LENGTH 1
