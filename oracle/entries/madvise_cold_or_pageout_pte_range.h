/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * madvise_cold_or_pageout_pte_range, mm/madvise.c: MADV_COLD and MADV_PAGEOUT on one page table; the VMA is neither
 * locked nor of hugetlb or raw pfns (can_madv_lru_vma). The caller finishes the gather. Rule S8: no entry of a folio
 * that was made inactive is young.
 */
#include "lru_state.h"

static void w_check_old(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->start; at < s->end; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		struct w_pte now;

		if (slot->kind != W_SLOT_PAGE)
			continue;
		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if (now.kind == W_SLOT_PAGE && now.bits & W_YOUNG &&
		    folio_test_deactivated(w_head_of(&W.pages[s->folio[slot->folio].pfn + slot->index])))
			w_violate(S8, (int)at);
	}
}

static void w_check_huge_old(unsigned int t)
{
	if (W_HW_LEAF(W.pmd[t]) && W_HW_YOUNG(W.pmd[t]) && folio_test_deactivated(pfn_folio(W_HW_PFN(W.pmd[t]))))
		w_violate(S8, (int)(t * W_SLOTS));
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct madvise_walk_private private = { .tlb = &W.tlb, .pageout = s->option[0] & 1 };
	struct mm_walk walk = { .vma = &W.vma[0], .private = &private };

	W.vma[0].vm_flags &= ~VM_LOCKED_MASK;
	w_lru_state((unsigned long)s->option[1]);
	w_fail_from(s->option[2]);
	tlb_gather_mmu(&W.tlb, W.vma[0].vm_mm);
	W.facts.ret = madvise_cold_or_pageout_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	tlb_finish_mmu(&W.tlb);
	w_check_old();
	w_check_huge_old(s->start / W_SLOTS);
}
#define W_FAMILY W_FAM_AGE
/* Whether a large folio is split depends on whether one batch covers it. */
#define W_BY_LENGTH 1
