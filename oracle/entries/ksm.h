/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write_protect_page and replace_page, mm/ksm.c, as try_to_merge_one_page does: a small anonymous folio, held and
 * locked, is protected from writes, found to equal a KSM page, and replaced by it. mmap lock held for reading.
 */
static struct folio *w_candidate(long option, unsigned int *at)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = s->end - s->start, k;

	for (k = 0; k < n; k++) {
		const struct w_slot *slot = &s->slot[s->start - s->first + ((unsigned int)option + k) % n];
		const struct w_folio *f = &s->folio[slot->folio];

		*at = s->start + ((unsigned int)option + k) % n;
		if ((slot->kind == W_SLOT_PAGE || slot->kind == W_SLOT_DEV_EXCL) && f->kind == W_FOLIO_ANON && !f->order && !(f->bits & W_F_KSM))
			return (struct folio *)&W.pages[f->pfn];
	}
	return NULL;
}

#if defined(W_ENTRY_replace_page)
/* A page of the stable tree, with the tree's reference on it. */
static void w_replace(struct folio *folio, pte_t orig)
{
	struct folio *ksm = w_alloc_folio();

	ksm->flags |= 1U << W_PG_ksm | 1U << W_PG_anon | 1U << W_PG_uptodate | 1U << W_PG_swapbacked;
	ksm->mapping = w_mapping_of(W_FOLIO_ANON);
	w_fail_from(W.scn->option[1] & 7);
	/* The entry may have changed since. */
	W.facts.out[0] = replace_page(&W.vma[0], &folio->page, &ksm->page, W.scn->option[2] & 1 ? pte_mkyoung(orig) : orig);
	folio_put(ksm);
}
#endif

static void w_entry(void)
{
	unsigned int at;
	struct folio *folio = w_candidate(W.scn->option[0], &at);
	pte_t orig = __pte(0);
	struct w_pte l;

	if (!folio)
		return;
	folio_lock(folio);
#if defined(W_ENTRY_write_protect_page)
	w_fail_from(W.scn->option[1] & 7);
#endif
	W.facts.ret = write_protect_page(&W.vma[0], folio, &orig);
	W.facts.out[1] = W.facts.ret ? 0 : (long)pte_val(orig);
	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
	/* E2, D1: neither written nor dirtied unseen from here on. */
	if (!W.facts.ret && (l.bits & W_WRITE || PageAnonExclusive(&folio->page)))
		w_violate(E2, (int)at);
	if (!W.facts.ret && l.bits & W_DIRTY && !folio_test_dirty(folio))
		w_violate(D1, (int)at);
#if defined(W_ENTRY_replace_page)
	if (!W.facts.ret)
		w_replace(folio, orig);
#endif
	folio_unlock(folio);
}
#define W_FAMILY W_FAM_KSM
#define W_WANTS W_WANT_SMALL
