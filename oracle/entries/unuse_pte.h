/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unuse_pte, mm/swapfile.c, as unuse_pte_range calls it when a swap device is given up: for a swap entry whose folio
 * is in the swap cache, locked and not under writeback; the caller takes it out of the cache if it can.
 */
#include "fault.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	int at = w_slot_with(1U << W_SLOT_SWAPCACHED, (unsigned int)s->option[0]);
	unsigned int odd = (unsigned int)s->option[3] >> 1 & 15;
	struct folio *folio;
	swp_entry_t entry;

	if (at < 0 || !folio_trylock(w_folio_at(at)))
		return;
	folio = w_folio_at(at);
	folio_clear_writeback(folio);
	if (s->option[3] & 1 && !folio_mapped(folio) && !folio_test_large(folio)) {
		folio_clear_anon(folio); /* read ahead, and never mapped since */
		folio->mapping = NULL;
	}
	if (odd == 1)
		folio_clear_uptodate(folio);
	if (odd == 2)
		SetPageHWPoison(w_page_at(at));
	entry = page_swap_entry(w_page_at(at));
	if (odd == 3)
		entry.val++; /* another entry is there by now */
	w_fail_from(s->option[2]);
	folio_get(folio);
	W.facts.ret = unuse_pte(&W.vma[0], (pmd_t *)&W.pmd[at / W_SLOTS], w_addr_of(at), entry, folio);
	if (W.facts.ret >= 0)
		folio_free_swap(folio);
	folio_unlock(folio);
	folio_put(folio);
}
#define W_FAMILY W_FAM_FAULT
