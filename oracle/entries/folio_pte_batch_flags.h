/* SPDX-License-Identifier: GPL-2.0-or-later */
/* folio_pte_batch_flags, mm/internal.h: every set of flags, at a page of a large folio somewhere in the range. */
#include "batch.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	pte_t *ptep = w_batch_start((unsigned int)s->option[2], false), first, merged;
	unsigned int flags = (unsigned int)s->option[0] & 31;
	struct w_scan scan;
	struct folio *folio;
	unsigned int room, nr;

	if (!ptep)
		return;
	room = w_batch_room(ptep, s->option[1]);
	first = merged = ptep_get(ptep);
	folio = pfn_folio(pte_pfn(first));
	w_scan(folio, ptep, first, room, flags, &scan);
	nr = w_detect(folio, flags & FPB_MERGE_WRITE ? &W.vma[0] : NULL, ptep, &merged, room, flags, NULL, NULL, NULL);
	w_batch_result(ptep, w_batch_found(folio, ptep, first, nr), scan.nr, w_most(folio, first, scan.nr, nr), W_RULE_B4);
	W.facts.out[0] = (long)pte_val(merged);
	/* B8, B7: the bits asked to be merged are those of all entries of the batch, the others the first's. */
	if (!!pte_write(merged) != (pte_write(first) || (flags & FPB_MERGE_WRITE && scan.any_write)))
		w_violate(B8, w_slot_of(ptep));
	if (!!pte_dirty(merged) != (pte_dirty(first) || (flags & FPB_MERGE_YOUNG_DIRTY && scan.any_dirty)) ||
	    !!pte_young(merged) != (pte_young(first) || (flags & FPB_MERGE_YOUNG_DIRTY && scan.any_young)))
		w_violate(B7, w_slot_of(ptep));
}
#define W_FAMILY W_FAM_BATCH
#define W_BY_LENGTH 1
