/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folio_referenced_one, mm/rmap.c: folio_referenced()'s reverse-map walk calls it for one VMA that maps a folio and
 * adds up what the mappings say. Rule S9: afterwards the folio is old in this VMA, and an access was told, unless
 * the VMA is locked or its mm is going away.
 */
#include "lru_state.h"
#include "rmap_walk.h"
#include "lru_gen.h"

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_slot_from((unsigned int)s->option[0], w_is_mapped);
	struct vm_area_struct *vma = &W.vma[0];
	struct folio_referenced_arg pra = { 0 };
	struct folio *folio;

	if (!slot)
		return;
	w_lru_state((unsigned long)s->option[1]);
	w_secondary_reset();
	if (s->option[2] & 1)
		atomic_set(&vma->vm_mm->mm_users, 0);
	else if ((s->option[2] & 6) == 6)
		vma->vm_mm->flags |= W_MM_REAPED;
	w_nodes_reset();
	w_mark_special(vma);
	folio = w_folio_of(slot);
	folio_clear_lru(folio); /* isolated by reclaim */
	pra.mapcount = folio_mapcount(folio);
	W.facts.ret = folio_referenced_one(folio, vma, w_address_in(vma, folio), &pra);
	W.facts.out[0] = pra.referenced;
	W.facts.out[1] = pra.mapcount;
	w_check_seen(folio);
	if (pra.referenced >= 0 && !(vma->vm_flags & VM_LOCKED))
		w_check_told(slot, pra.referenced > 0);
}
#define W_FAMILY W_FAM_AGE
/* Where the multi-generational LRU looks around depends on where batches begin. */
#define W_BY_LENGTH 1
