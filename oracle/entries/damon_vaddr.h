/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damon_mkold_pmd_entry and damon_young_pmd_entry, mm/damon/vaddr.c: DAMON samples one page of a region, makes it old, and
 * asks some time later whether it was used. Rule S9: made old it is old for the CPU and secondary MMUs, its folio idle
 * and, if it was young, marked so for reclaim; it was used if an entry, a secondary MMU or the folio's flag says so.
 */

/* A PMD is sampled as a whole. */
static unsigned int w_sampled(void)
{
	const struct w_scenario *s = W.scn;

	return w_by_pmd() ? s->first : s->start + (unsigned int)s->option[0] % (s->end - s->start);
}

/* Whether a secondary MMU had used it. */
static bool w_secondary_used(unsigned int at, bool ages)
{
	unsigned int i, n = w_by_pmd() && ages ? W_SLOTS : 1;
	bool used = false;

	for (i = 0; i < n; i++)
		used |= w_secondary_was(at + i);
	return used;
}

static void w_check_sample(unsigned int at, const struct w_pte *was, bool used, bool ages)
{
	const struct folio *folio = w_head_of(&W.pages[was->pfn - W_PFN_BASE]);
	struct w_pte now;

	w_read(at, &now);
	if (!ages) {
		if (!used != !(was->bits & W_YOUNG || w_secondary_used(at, ages) || !folio_test_idle(folio)))
			w_violate(S9, (int)at);
		return;
	}
	if (now.bits & W_YOUNG || !folio_test_idle(folio) || ((was->bits & W_YOUNG || w_secondary_used(at, ages)) && !folio_test_young(folio)))
		w_violate(S9, (int)at);
	if (w_secondary_is(at))
		w_violate(L10, (int)at);
}

static void w_sample(int (*call)(pmd_t *, unsigned long, unsigned long, struct mm_walk *), bool ages)
{
	unsigned int at = w_sampled();
	unsigned long addr = W_SRC_VA + at * PAGE_SIZE;
	struct { bool young; } own = { .young = false };	/* struct damon_young_walk_private */
	struct mm_walk walk = { .vma = &W.vma[0], .mm = W.vma[0].vm_mm, .private = &own };
	pmd_t *pmd = (pmd_t *)&W.pmd[at / W_SLOTS];
	struct w_pte was;

	w_lru_state((unsigned long)W.scn->option[1]);
	w_secondary_reset();
	w_read(at, &was);
	w_fail_from(W.scn->option[2]);
	W.facts.ret = call(pmd, addr, addr + 1, &walk);
	W.facts.out[0] = own.young;
	if (was.kind != W_SLOT_PAGE || W.failed || !folio_test_lru(w_head_of(&W.pages[was.pfn - W_PFN_BASE]))) {
		if (own.young && was.kind != W_SLOT_PAGE)
			w_violate(S9, (int)at);
		return;
	}
	w_check_sample(at, &was, own.young, ages);
}
