/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the adapters of batch detection: the place a batch is looked for, and what must come out of it. The
 * reference is a scan of the entries one by one, in detection.h.
 */

/* The first slot of the range, from a starting point on, that holds a page of a large folio, or a swap entry. */
static pte_t *w_batch_start(unsigned int from, bool swap)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->start + from % (unsigned int)(s->end - s->start); at < s->end; at++) {
		pte_t *ptep = (pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS;
		struct w_pte l;

		w_decode(w_raw(ptep), &l);
		if (swap ? l.kind == W_SLOT_SWAP : l.kind == W_SLOT_PAGE && W.pages[l.pfn - W_PFN_BASE].w_order)
			return ptep;
	}
	return NULL;
}

/* Entries up to the end of the range, or fewer when the scenario caps them. */
static unsigned int w_batch_room(const pte_t *ptep, long cap)
{
	unsigned int room = W.scn->end - (unsigned int)w_slot_of(ptep);

	return cap && (unsigned int)cap % room ? (unsigned int)cap % room : room;
}

/* What runs past the folio is B2's: more than a scan found that came to its end is no matter of the entries. */
static inline unsigned int w_most(const struct folio *folio, pte_t first, unsigned int found, unsigned int nr)
{
	return pte_pfn(first) + found < folio_pfn(folio) + (unsigned long)folio_nr_pages(folio) ? found : max(found, nr);
}

/* As many as one by one: more than most break the rule for what a batch may hold, fewer than least B13. */
static void w_batch_result(const pte_t *ptep, unsigned int nr, unsigned int least, unsigned int most, enum w_rule holds)
{
	W.facts.ret = nr;
	if (nr > most)
		w_violate_at(holds, w_slot_of(ptep), W_LEFT);
	if (nr < least)
		w_violate(B13, w_slot_of(ptep));
}
