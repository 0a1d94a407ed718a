/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAMON: a folio is made old. */
#include "lru_state.h"
#include "rmap_walk.h"
#include "damon_folio.h"

static void w_entry(void)
{
	const struct w_slot *slot;
	struct folio *folio = w_sampled(&slot);
	bool used = folio && w_was_used(slot);

	if (!folio)
		return;
	W.facts.ret = damon_folio_mkold_one(folio, &W.vma[0], w_address_in(&W.vma[0], folio), NULL);
	if (!folio_test_lru(folio))
		return;
	w_check_told(slot, folio_test_young(folio));
	if (!folio_test_idle(folio) || (used && !folio_test_young(folio)))
		w_violate(S9, -1);
}
#define W_FAMILY W_FAM_AGE
