/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S9: a folio whose entries a walk for the multi-generational LRU made old is young there now: in the newest
 * generation, or marked as seen. L10: a secondary MMU was asked of what was made old, but for the rest of a block.
 */
static void w_check_seen(const struct folio *except)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->first; at < (unsigned int)s->first + s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		const struct folio *folio = (const struct folio *)&W.pages[s->folio[slot->folio % W_MAX_FOLIOS].pfn];
		struct w_pte now;

		if (slot->kind != W_SLOT_PAGE || !(slot->bits & W_YOUNG))
			continue;
		w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if (!(now.bits & W_YOUNG) && !(slot->bits & W_CONT) && w_secondary_is(at))
			w_violate(L10, (int)at);
		if (folio == except || folio_test_unevictable(folio))
			continue;
		if (!(now.bits & W_YOUNG) && !folio_test_referenced(folio) && !folio_test_workingset(folio) &&
		    !folio_test_active(folio) && folio_lru_gen(folio) != lru_gen_from_seq(5))
			w_violate(S9, (int)at);
	}
}

/* Special entries are in VMAs of their own kind (VM_SPECIAL). */
static void w_mark_special(struct vm_area_struct *vma)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = 0; at < s->nslots; at++)
		if (s->slot[at].kind == W_SLOT_SPECIAL)
			vma->vm_flags |= VM_PFNMAP;
}
