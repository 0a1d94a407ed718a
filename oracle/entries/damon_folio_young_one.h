/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAMON: a folio is asked whether it was used. */
#include "lru_state.h"
#include "rmap_walk.h"
#include "damon_folio.h"

static void w_entry(void)
{
	const struct w_slot *slot;
	struct folio *folio = w_sampled(&slot);
	bool used = folio && w_was_used(slot), said = false;

	if (!folio)
		return;
	W.facts.ret = damon_folio_young_one(folio, &W.vma[0], w_address_in(&W.vma[0], folio), &said);
	W.facts.out[0] = said;
	if (said != (used || !folio_test_idle(folio)) || !W.facts.ret != said)
		w_violate(S9, -1);
}
#define W_FAMILY W_FAM_LOOK
