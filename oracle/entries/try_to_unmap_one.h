/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try_to_unmap_one, mm/rmap.c: try_to_unmap()'s rmap walk calls it for one VMA that maps a locked folio. The caller
 * holds a reference; it has put an anon folio that is not lazily freed into the swap cache, or the page is poisoned.
 */
#include "rmap_walk.h"

#if defined(W_ENTRY_try_to_unmap_poisoned_hugetlb_one)
#define w_unmap_one(folio) try_to_unmap_poisoned_hugetlb_one
#elif defined(HAVE_try_to_unmap_poisoned_hugetlb_one)	/* since 7.3 */
#define w_unmap_one(folio) (folio_test_hugetlb(folio) ? try_to_unmap_poisoned_hugetlb_one : try_to_unmap_one)
#else
#define w_unmap_one(folio) try_to_unmap_one
#endif

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_slot_from((unsigned int)s->option[0], w_is_mapped);
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long flags;
	struct folio *folio;

	if (!slot)
		return;
	folio = w_folio_of(slot);
	flags = (s->option[1] & 1 ? TTU_IGNORE_MLOCK : 0) | (s->option[1] & 2 ? TTU_BATCH_FLUSH : 0) |
		(s->option[1] & 4 ? TTU_SYNC : 0);
#ifdef HAVE_TTU_SPLIT_HUGE_PMD
	flags |= folio_test_pmd_mappable(folio) && !folio_test_hugetlb(folio) ? TTU_SPLIT_HUGE_PMD : 0;
#else
	if (slot->kind == W_SLOT_PMD)
		return; /* a tree without huge pages */
#endif
	/* unmap_poisoned_folio() in mm/memory-failure.c: a folio in the swap cache keeps its swap entry. */
	if (folio_test_hugetlb(folio) || (!folio_test_large(folio) && !folio_test_swapcache(folio) &&
	    (s->option[1] & 8 || (folio_test_anon(folio) && folio_test_swapbacked(folio))))) {
		folio_set_hwpoison(folio);
		flags |= TTU_HWPOISON | w_ttu_locked(folio);
	}
	W.facts.ret = w_unmap_one(folio)(folio, vma, w_address_in(vma, folio), (void *)flags);
	try_to_unmap_flush();
}
#define W_FAMILY W_FAM_UNMAP
#ifdef W_ENTRY_try_to_unmap_poisoned_hugetlb_one
#define W_WANTS (W_WANT_HUGETLB | W_WANT_NOTHING_ELSE)
#else
#define W_WANTS W_WANT_HUGETLB
#endif
