/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_idle_clear_pte_refs_one, mm/page_idle.c: the reverse-map walk of a folio that is asked to be idle. Rule S9:
 * afterwards it is old in this VMA, and if it was not before, reclaim is told by the folio's young flag.
 */
#include "lru_state.h"
#include "rmap_walk.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_slot_from((unsigned int)s->option[0], w_is_mapped);
	struct folio *folio;

	if (!slot)
		return;
	w_lru_state((unsigned long)s->option[1]);
	w_secondary_reset();
	folio = w_folio_of(slot);
	W.facts.ret = page_idle_clear_pte_refs_one(folio, &W.vma[0], w_address_in(&W.vma[0], folio), NULL);
	w_check_told(slot, folio_test_young(folio));
}
#define W_FAMILY W_FAM_AGE
