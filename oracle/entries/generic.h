/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the generated adapters (reviewer/slicing/adapter.py) call with: one place in the range of the scenario, and
 * what lies there, so that all arguments speak of the same entry. Functions that fill empty entries, and the
 * destination of those that have two places, get the tables nothing is mapped in yet.
 */
struct w_call {
	unsigned long start, end;	/* the range, as addresses; of what is filled, for those functions */
	unsigned long addr, to_addr;	/* of the chosen entry, and of the empty one it goes to */
	unsigned long pgoff;
	unsigned int slot, nr;	/* nr: entries from the chosen one on that map consecutive pages of its folio */
	pmd_t *pmd, *to_pmd;
	pte_t *ptep, *to, pte;
	spinlock_t *ptl, *to_ptl;
	struct page *page;
	struct folio *folio;
	struct vm_area_struct *vma;
	int refs;	/* references to the folio beyond its mappings, before the call */
};

enum w_wants { W_ANY, W_MAPPED, W_NONPRESENT, W_KERNEL, W_EMPTY, W_EMPTY_FILE };

#ifdef HAVE_softleaf_from_pte
#define w_entry_of softleaf_from_pte
#else
#define w_entry_of pte_to_swp_entry
#endif

static inline bool w_wanted(const struct w_slot *slot, enum w_wants wants)
{
	unsigned int kind = slot->kind;

	switch (wants) {
	/* Drivers map pages that are no anonymous memory. */
	case W_EMPTY_FILE: return kind == W_SLOT_PAGE && W.scn->folio[slot->folio].kind != W_FOLIO_ANON;
	case W_MAPPED: return kind == W_SLOT_PAGE;
	case W_NONPRESENT: return kind == W_SLOT_SWAP || kind >= W_SLOT_MIG_READ;
	case W_KERNEL: return true;
	default: return kind != W_SLOT_ZERO; /* which has no struct page here */
	}
}

static inline void w_at_slot(struct w_call *c, unsigned int slot)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *at = &s->slot[slot - s->first];

	c->slot = slot;
	c->nr = 1;
	c->addr = W_SRC_VA + slot * PAGE_SIZE;
	c->pgoff = W_PGOFF + slot;
	c->ptep = (pte_t *)W.tab[slot / W_SLOTS] + slot % W_SLOTS;
	c->pte = __pte(*(const volatile unsigned long *)c->ptep);
	c->folio = NULL;
	c->page = NULL;
	if (at->kind != W_SLOT_PAGE)
		return;
	c->folio = (struct folio *)&W.pages[s->folio[at->folio].pfn];
	c->page = folio_page(c->folio, at->index);
	c->refs = folio_ref_count(c->folio) - folio_mapcount(c->folio);
	while (slot + c->nr < s->end && at[c->nr].kind == W_SLOT_PAGE && at[c->nr].folio == at->folio &&
	       at[c->nr].index == at->index + c->nr)
		c->nr++;
	if (s->option[1])
		c->nr = 1 + (unsigned int)s->option[1] % c->nr;
}

/* The first entry of the kind wanted, from a slot of the range on that the scenario names. */
static inline bool w_call_at(struct w_call *c, enum w_wants wants)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = s->end - s->start, k, at = s->start, t = s->start / W_SLOTS, to = s->start % W_SLOTS;

	for (k = 0; k < n; k++) {
		at = s->start + ((unsigned int)s->option[0] + k) % n;
		if (w_wanted(&s->slot[at - s->first], wants))
			break;
	}
	if (k == n)
		return false;
	/* The kernel's own mappings are present or not there at all. */
	for (k = s->start; wants == W_KERNEL && k < s->end; k++)
		if (s->slot[k - s->first].kind > W_SLOT_SPECIAL)
			return false;
	*c = (struct w_call){ .start = W_SRC_VA + s->start * PAGE_SIZE, .end = W_SRC_VA + s->end * PAGE_SIZE,
		.pmd = (pmd_t *)&W.pmd[t], .ptl = &W.ptl[t], .vma = &W.vma[0],
		.to_pmd = (pmd_t *)&W.pmd[2], .to_ptl = &W.ptl[2], .to_addr = W_DST_VA + to * PAGE_SIZE,
		.to = (pte_t *)W.tab[2] + to };
	w_at_slot(c, at);
	W.dst_first = (int)to;
	if (wants >= W_EMPTY) {
		c->start = c->addr = c->to_addr;
		c->end = c->to_addr + (wants == W_EMPTY_FILE ? c->nr : n) * PAGE_SIZE;
		c->pmd = c->to_pmd;
		c->ptep = c->to;
		c->ptl = c->to_ptl;
		c->vma = &W.vma[1];
		c->pte = __pte(0);
	}
	return true;
}

/* The pages of the folio from the chosen one on. */
static inline struct page **w_pages(const struct w_call *c)
{
	static struct page *list[W_MAX_SLOTS];
	unsigned int i;

	for (i = 0; i < c->nr; i++)
		list[i] = c->page ? c->page + i : NULL;
	return list;
}

/* What a walk calls for each entry, where all that counts is which it calls it for. */
static inline int w_visit(pte_t *ptep, unsigned long addr, void *data)
{
	(void)data;
	W.facts.out[3] = W.facts.out[3] * 31 + (long)(addr >> PAGE_SHIFT) + w_slot_of(ptep);
	return 0;
}

/* A pte_t that was handed back: what it says, without the contiguous bit that depends on the block. */
static inline void w_pte_result(pte_t pte)
{
	struct w_pte l;

	w_decode(pte_val(pte), &l);
	W.facts.ret = l.kind;
	W.facts.out[0] = l.bits & ~W_CONT;
	W.facts.out[1] = (long)l.pfn;
}

/* A page or folio, or an error in place of it; a reference that came with it is dropped, as a caller does in the end. */
static inline void w_page_result(const void *p, const struct w_call *c)
{
	W.facts.ret = !p ? -1 : IS_ERR(p) ? PTR_ERR(p) : (long)((const struct page *)p - W.pages);
	if (!p || IS_ERR(p) || !c->folio || (const char *)p < (char *)c->folio ||
	    (const char *)p >= (char *)(c->folio + folio_nr_pages(c->folio)))
		return;
	if (folio_ref_count(c->folio) - folio_mapcount(c->folio) > c->refs)
		folio_put_refs(c->folio, folio_ref_count(c->folio) - folio_mapcount(c->folio) - c->refs);
}

/* What the function left in an object that it was handed. */
static inline void w_fold(const void *p, unsigned long size)
{
	const unsigned char *byte = p;

	while (size--)
		W.facts.out[3] = W.facts.out[3] * 31 + *byte++;
}
