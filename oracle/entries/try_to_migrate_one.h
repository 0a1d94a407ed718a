/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try_to_migrate_one, mm/rmap.c: try_to_migrate()'s rmap walk calls it for one VMA that maps a locked folio; the
 * caller holds a reference. Entries become migration entries that say what they said, or stay (the walk is done when
 * one page may not be shared); the flush may be put off.
 */
#include "rmap_walk.h"

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
	flags = (s->option[1] & 1 ? TTU_BATCH_FLUSH : 0) | (s->option[1] & 2 ? TTU_SYNC : 0) |
		(folio_test_pmd_mappable(folio) && !folio_test_hugetlb(folio) && !(s->option[1] & 8) ? TTU_SPLIT_HUGE_PMD : 0);
	flags |= w_ttu_locked(folio);
	if (s->option[1] & 4 && (!folio_test_large(folio) || folio_test_hugetlb(folio)))
		folio_set_hwpoison(folio);
	W.facts.ret = try_to_migrate_one(folio, vma, w_address_in(vma, folio), (void *)flags);
	try_to_unmap_flush();
}
#define W_FAMILY W_FAM_UNMAP
#define W_WANTS W_WANT_HUGETLB
