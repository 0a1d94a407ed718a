/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_mkclean_one, mm/rmap.c: folio_mkclean()'s reverse-map walk calls it for a shared mapping of a locked folio of
 * a file, before it is written. Afterwards no entry of it is writable (rule S7) or dirty (S8); what was cleaned makes
 * the folio dirty, as folio_clear_dirty_for_io() does.
 */
#include "rmap_walk.h"

static void w_check_clean(const struct w_slot *of)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->first > s->vma_first ? s->first : s->vma_first; at < s->vma_end && at < (unsigned int)s->first + s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		struct w_pte now;
		bool inside;

		w_decode(slot->kind == W_SLOT_PMD ? W_HW_FROM_LEAF(W.pmd[at / W_SLOTS]) : W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if ((slot->kind != W_SLOT_PAGE && slot->kind != W_SLOT_PMD) || slot->folio != of->folio)
			continue;
		if (now.bits & W_WRITE)
			w_violate(S7, (int)at);
		/* A block folded again takes the dirty bit of a neighbour beyond the VMA. */
		inside = at - at % W_BLOCK >= s->vma_first && (at | (W_BLOCK - 1)) < s->vma_end;
		if ((now.bits & W_DIRTY && (inside || !(now.bits & W_CONT))) || now.kind != W_SLOT_PAGE ||
		    (now.bits ^ slot->bits) & ~(W_WRITE | W_DIRTY | W_YOUNG | W_SOFT | W_CONT | W_EXCL))
			w_violate(S8, (int)at);
	}
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_slot_from((unsigned int)s->option[0], w_is_mapped);
	struct folio *folio = slot ? w_folio_of(slot) : NULL;
	int cleaned = 0;

	if (!slot || folio_test_anon(folio) || !(W.vma[0].vm_flags & VM_SHARED))
		return;
	folio_set_locked(folio);
	page_mkclean_one(folio, &W.vma[0], w_address_in(&W.vma[0], folio), &cleaned);
	W.facts.ret = cleaned != 0;
	if (cleaned)
		folio_mark_dirty(folio);
	w_check_clean(slot);
}
#define W_FAMILY W_FAM_CLEAN
