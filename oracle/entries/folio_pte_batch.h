/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folio_pte_batch, mm/util.c, with no flags since 6.17; mm/internal.h before, where flags ignore bits and three
 * pointers ask for bits of the entries after the first.
 */
#include "batch.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	pte_t *ptep = w_batch_start((unsigned int)s->option[2], false), first;
	struct w_scan scan;
	struct folio *folio;
	unsigned int room, nr;

	if (!ptep)
		return;
	room = w_batch_room(ptep, s->option[1]);
	first = ptep_get(ptep);
	folio = pfn_folio(pte_pfn(first));
#ifdef HAVE_FPB_IGNORE_DIRTY
	{
		unsigned int flags = (unsigned int)s->option[0] & 3;
		bool want = !(s->option[0] & 4), write = false, young = false, dirty = false;

		w_scan(folio, ptep, first, room, flags, &scan);
		nr = w_detect(folio, NULL, ptep, &first, room, flags, want ? &write : NULL, want ? &young : NULL,
			      want ? &dirty : NULL);
		/* Together with the first entry's: a hint leaves out the rest of the first contpte block. */
		write |= !!pte_write(first);
		young |= !!pte_young(first);
		dirty |= !!pte_dirty(first);
		W.facts.out[0] = write | young << 1 | dirty << 2;
		if (want && write != (scan.any_write || pte_write(first)))
			w_violate(B8, w_slot_of(ptep));
		if (want && (young != (scan.any_young || pte_young(first)) || dirty != (scan.any_dirty || pte_dirty(first))))
			w_violate(B7, w_slot_of(ptep));
	}
#else
	w_scan(folio, ptep, first, room, 0, &scan);
	nr = w_detect(folio, NULL, ptep, &first, room, 0, NULL, NULL, NULL);
#endif
	w_batch_result(ptep, w_batch_found(folio, ptep, first, nr), scan.nr, w_most(folio, first, scan.nr, nr), W_RULE_B4);
}
#define W_FAMILY W_FAM_BATCH
#define W_BY_LENGTH 1
