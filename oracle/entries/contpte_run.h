/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of PTEs of one folio, the blocks they lie in, and the same state without folded blocks. */
struct w_run {
	unsigned int slot, nr;
	unsigned long addr;
	pte_t *ptep;
	struct page *page;
	struct folio *folio;
};

static struct mm_struct *w_mm(void) { return W.scn->mm & 1 ? &init_mm : &W.mm[0]; }

static void w_run_at(struct w_run *r, unsigned int slot, unsigned int nr)
{
	const struct w_slot *first = &W.scn->slot[slot - W.scn->first];

	r->slot = slot;
	r->nr = nr;
	r->addr = W_SRC_VA + slot * PAGE_SIZE;
	r->ptep = (pte_t *)W.tab[slot / W_SLOTS] + slot % W_SLOTS;
	r->folio = (struct folio *)&W.pages[W.scn->folio[first->folio].pfn];
	r->page = folio_page(r->folio, first->index);
}

/* From a slot of the range on, the next run; folded: one that begins with a PTE of a folded block. */
static bool w_find_run(struct w_run *r, bool folded)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = s->slot;
	unsigned int n = s->end - s->start, k, at, nr;

	for (k = 0; k < n; k++) {
		at = s->start - s->first + ((unsigned int)s->option[0] + k) % n;
		if (slot[at].kind == W_SLOT_PAGE && (!folded || slot[at].bits & W_CONT))
			break;
	}
	if (k == n)
		return false;
	for (nr = 1; at + nr < (unsigned int)s->end - s->first; nr++)
		if (slot[at + nr].kind != W_SLOT_PAGE || slot[at + nr].folio != slot[at].folio ||
		    slot[at + nr].index != slot[at].index + nr)
			break;
	w_run_at(r, s->first + at, s->option[1] ? 1 + (unsigned int)s->option[1] % nr : nr);
	return true;
}

/* The run with the rest of the folded blocks it begins and ends in: an operation on A/D bits alone acts on these. */
static inline struct w_run w_whole_blocks(const struct w_run *r)
{
	const struct w_slot *slot = &W.scn->slot[r->slot - W.scn->first];
	unsigned int from = r->slot, to = r->slot + r->nr;
	struct w_run all;

	if (slot->bits & W_CONT)
		from &= ~(W_BLOCK - 1);
	if (slot[r->nr - 1].bits & W_CONT)
		to = (to + W_BLOCK - 1) & ~(W_BLOCK - 1);
	w_run_at(&all, from, to - from);
	return all;
}

/* C7: what lies around the blocks, as one number. */
static inline unsigned long w_around(const struct w_run *all)
{
	unsigned long sum = 0;
	unsigned int at;

	for (at = W.scn->first; at < (unsigned int)W.scn->first + W.scn->nslots; at++)
		if (at - all->slot >= all->nr)
			sum = sum * 31 + w_raw((pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS);
	return sum;
}
static inline void w_left_alone(const struct w_run *all, unsigned long around)
{
	if (!W.agent && w_around(all) != around)
		w_violate(C7, (int)(all->slot + all->nr));
}

/* The same state without folded blocks; not seen by the MMU. */
static void w_unfold_all(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int at, k;

	for (at = s->first & ~(W_BLOCK - 1); at < (unsigned int)s->first + s->nslots; at += W_BLOCK) {
		pte_t *block = (pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS;
		bool dirty = false, young = false;

		if (!pte_valid_cont(w_at(block)))
			continue;
		for (k = 0; k < W_BLOCK; k++) {
			dirty |= pte_dirty(w_at(block + k));
			young |= pte_young(w_at(block + k));
		}
		for (k = 0; k < W_BLOCK; k++) {
			pte_t pte = pte_mknoncont(w_at(block + k));

			pte = dirty ? pte_mkdirty(pte) : pte;
			block[k] = young ? pte_mkyoung(pte) : pte;
		}
	}
}

static inline void w_result(pte_t pte)
{
	struct w_pte l;

	w_decode(pte_val(pte), &l);
	W.facts.out[0] = l.bits & ~W_CONT;
	W.facts.out[1] = (long)l.pfn;
}
