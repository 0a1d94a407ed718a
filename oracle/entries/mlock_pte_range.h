/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mlock_pte_range, mm/mlock.c: the page-table walk of mlock_vma_pages_range() on one page table; the VMA's flags say
 * already which way. Rule G9: a large folio becomes mlocked only where all of it lies in the range.
 */
#include "lru_state.h"

static void w_check_whole(void)
{
	const struct w_scenario *s = W.scn;
	static unsigned short mapped[W_MAX_FOLIOS];
	unsigned int at, f;

	memset(mapped, 0, sizeof(mapped));
	for (at = s->start; at < s->end; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];

		if (slot->kind == W_SLOT_PAGE || slot->kind == W_SLOT_PMD)
			mapped[slot->folio] = (unsigned short)(mapped[slot->folio] + (slot->kind == W_SLOT_PMD ? W_SLOTS : 1));
	}
	for (f = 0; f < s->nfolios; f++) {
		bool locked = folio_test_mlocked((struct folio *)&W.pages[s->folio[f].pfn]), was = s->folio[f].bits & W_F_MLOCKED;

		if (W.vma[0].vm_flags & VM_LOCKED ? locked && !was && mapped[f] < 1U << s->folio[f].order : locked && mapped[f])
			w_violate(G9, -1);
		/* A small one has no parts. */
		if (W.vma[0].vm_flags & VM_LOCKED && !locked && mapped[f] && !s->folio[f].order)
			w_violate(G9, -1);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm };
	unsigned int f;

	/* A VMA's ends split huge pages. */
	if (s->slot[0].kind == W_SLOT_PMD && s->end - s->start != W_SLOTS)
		return;
	W.vma[0].vm_flags &= ~VM_LOCKED_MASK;
	W.vma[0].vm_flags |= s->option[0] & 1 ? 0 : VM_LOCKED;
	w_lru_state((unsigned long)s->option[1]);
	w_fail_from(s->option[2]);
	W.facts.ret = mlock_pte_range((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.facts.out[0] = walk.action;
	for (f = 0; f < s->nfolios; f++)
		W.facts.out[1] |= (long)folio_test_mlocked((struct folio *)&W.pages[s->folio[f].pfn]) << f;
	if (walk.action != ACTION_AGAIN)
		w_check_whole();
}
#define W_FAMILY W_FAM_LOOK
/* A large folio is mlocked if one batch covers it. */
#define W_BY_LENGTH 1
