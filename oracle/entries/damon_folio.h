/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damon_folio_mkold_one and damon_folio_young_one, mm/damon/ops-common.c (paddr.c before): the reverse-map walks of a
 * sampled folio, which DAMON has locked. Rule S9: made old it is old in this VMA and idle, and if it was used, reclaim is
 * told by the folio's young flag; it was used if any of its entries, or a secondary MMU there, says so.
 */

/* Whether what maps the folio in the VMA was accessed; of a huge page a secondary MMU is asked for its first part. */
static bool w_was_used(const struct w_slot *of)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;
	bool used = false;

	for (at = s->first > s->vma_first ? s->first : s->vma_first; at < s->vma_end && at < (unsigned int)s->first + s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];

		if ((W_IS_MAPPED(slot->kind) || slot->kind == W_SLOT_PMD) && slot->folio == of->folio)
			used |= (slot->kind != W_SLOT_DEV_EXCL && slot->bits & W_YOUNG) || w_secondary_was(at);
	}
	return used;
}

/* The folio that is sampled, locked; NULL where there is none. */
static struct folio *w_sampled(const struct w_slot **slot)
{
	const struct w_scenario *s = W.scn;
	struct folio *folio;

	*slot = w_slot_from((unsigned int)s->option[0], w_is_mapped);
	folio = *slot ? w_folio_of(*slot) : NULL;
	if (!folio)
		return NULL;
	w_lru_state((unsigned long)s->option[1]);
	w_secondary_reset();
	folio_set_locked(folio);
	return folio;
}
