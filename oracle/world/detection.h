/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What batch detection is asked and what it finds, checked where mm code calls it (mm/internal.h), and the switch that
 * forces every batch to length 1. Included after contracts.h: a parenthesised name is the tree's own function.
 */
#ifdef HAVE_pte_batch_hint
static inline unsigned int w_batch_hint(pte_t *ptep, pte_t pte)
{
	return W.force_one ? 1 : (pte_batch_hint)(ptep, pte);
}
#define pte_batch_hint(ptep, pte) w_batch_hint(ptep, pte)
#endif

/* Flags of batch detection: until 6.16 they name what is left out, since 6.17 what is compared. */
#ifdef HAVE_FPB_IGNORE_DIRTY
#define W_FLAGS_IGNORE true
#define W_FLAG_DIRTY FPB_IGNORE_DIRTY
#define W_FLAG_SOFT FPB_IGNORE_SOFT_DIRTY
#define W_FLAG_WRITE 0
#endif
#ifdef HAVE_FPB_RESPECT_DIRTY
#define W_FLAGS_IGNORE false
#define W_FLAG_DIRTY FPB_RESPECT_DIRTY
#define W_FLAG_SOFT FPB_RESPECT_SOFT_DIRTY
#define W_FLAG_WRITE FPB_RESPECT_WRITE
#endif

#if defined(HAVE_folio_pte_batch_flags) || defined(HAVE_folio_pte_batch)
struct w_scan { unsigned int nr; bool any_write, any_young, any_dirty; };

/* What batch detection compares: all but young, and but what the flags of this tree leave out. */
static inline pte_t w_compared(pte_t pte, fpb_t flags)
{
	bool dirty = W_FLAGS_IGNORE ? !(flags & W_FLAG_DIRTY) : flags & W_FLAG_DIRTY;
	bool soft = W_FLAGS_IGNORE ? !(flags & W_FLAG_SOFT) : flags & W_FLAG_SOFT;
	bool write = flags & W_FLAG_WRITE;

	pte = dirty ? pte : pte_mkclean(pte);
	pte = soft ? pte : pte_clear_soft_dirty(pte);
	return pte_mkold(write ? pte : pte_wrprotect(pte));
}

/* B4: the reference for batch detection, one entry after the other; any_*: of the entries after the first. */
static inline void w_scan(struct folio *folio, pte_t *ptep, pte_t first, unsigned int room, fpb_t flags, struct w_scan *out)
{
	unsigned long pfn = pte_pfn(first), left = folio_pfn(folio) + (unsigned long)folio_nr_pages(folio) - pfn;
	long steps = W.steps;
	typeof(W.order.last) last = W.order.last;

	*out = (struct w_scan){ .nr = 1 };
	W.quiet++; /* and no step of the code under test */
	for (; out->nr < room && out->nr < left; out->nr++) {
		pte_t pte = ptep_get(ptep + out->nr);

		if (!pte_present(pte) || pte_pfn(pte) != pfn + out->nr ||
		    pte_val(w_compared(pte, flags)) != pte_val(w_compared(pte_advance_pfn(first, out->nr), flags)))
			break;
		out->any_write |= !!pte_write(pte);
		out->any_young |= !!pte_young(pte);
		out->any_dirty |= !!pte_dirty(pte);
	}
	W.steps = steps;
	W.order.last = last;
	W.quiet--;
}
#endif

/* B1, B2, B3: what a caller of batch detection promises, and what it gets. */
static inline unsigned int w_batch_asked(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int max_nr)
{
	int slot = w_slot_of(ptep);

	if (slot >= 0 && (max_nr < 1 || (unsigned int)(slot & (W_SLOTS - 1)) + max_nr > W_SLOTS ||
			  (unsigned int)(slot & (2 * W_SLOTS - 1)) + max_nr > W.scn->vma_end))
		w_violate(B1, slot);
	if (!pte_present(pte) || !folio_test_large(folio) || pte_pfn(pte) - folio_pfn(folio) >= (unsigned long)folio_nr_pages(folio))
		w_violate(B3, slot);
	return W.force_one ? 1 : max_nr;
}
static inline unsigned int w_batch_found(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int nr)
{
	if (nr < 1 || pte_pfn(pte) + nr > folio_pfn(folio) + (unsigned long)folio_nr_pages(folio))
		w_violate(B2, w_slot_of(ptep));
	return nr;
}
#if defined(HAVE_folio_pte_batch_flags) || defined(HAVE_folio_pte_batch)
static inline unsigned int w_batch_agrees(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int nr, fpb_t flags)
{
	struct w_scan scan;

	w_scan(folio, ptep, pte, nr, flags, &scan);
	/* Hardware may have made an entry dirty since. */
	if (!W.agent && scan.nr < nr && pte_pfn(pte) + nr <= folio_pfn(folio) + (unsigned long)folio_nr_pages(folio))
		w_violate(B4, w_slot_of(ptep));
	return w_batch_found(folio, ptep, pte, nr);
}
#endif
#ifdef HAVE_folio_pte_batch_flags
static inline unsigned int w_folio_pte_batch_flags(struct folio *folio, struct vm_area_struct *vma, pte_t *ptep,
						   pte_t *ptentp, unsigned int max_nr, fpb_t flags)
{
	pte_t first = *ptentp;

	if (w_table_offset(ptentp) >= 0)
		w_violate(B9, w_slot_of(ptep));
#ifdef HAVE_FPB_MERGE_WRITE
	if (flags & FPB_MERGE_WRITE && !vma)
		w_violate(B8, w_slot_of(ptep));
#endif
	max_nr = w_batch_asked(folio, ptep, first, max_nr);
	return w_batch_agrees(folio, ptep, first, (folio_pte_batch_flags)(folio, vma, ptep, ptentp, max_nr, flags), flags);
}
#define folio_pte_batch_flags(f, vma, ptep, ptentp, n, flags) w_folio_pte_batch_flags(f, vma, ptep, ptentp, n, flags)
#endif
#ifdef HAVE_folio_pte_batch
#ifdef HAVE_FPB_IGNORE_DIRTY
static inline int w_folio_pte_batch(struct folio *folio, unsigned long addr, pte_t *ptep, pte_t pte, int max_nr,
				    fpb_t flags, bool *any_writable, bool *any_young, bool *any_dirty)
{
	max_nr = (int)w_batch_asked(folio, ptep, pte, (unsigned int)max_nr);
	return (int)w_batch_agrees(folio, ptep, pte, (unsigned int)(folio_pte_batch)(folio, addr, ptep, pte, max_nr, flags,
				   any_writable, any_young, any_dirty), flags);
}
#define folio_pte_batch(f, a, ptep, pte, n, flags, w, y, d) w_folio_pte_batch(f, a, ptep, pte, n, flags, w, y, d)
#else
static inline unsigned int w_folio_pte_batch(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int max_nr)
{
	max_nr = w_batch_asked(folio, ptep, pte, max_nr);
	return w_batch_agrees(folio, ptep, pte, (folio_pte_batch)(folio, ptep, pte, max_nr), 0);
}
#define folio_pte_batch(f, ptep, pte, n) w_folio_pte_batch(f, ptep, pte, n)
#endif
#endif
#ifdef HAVE_swap_pte_batch
static void w_decode(unsigned long raw, struct w_pte *l);

/* F1: the reference for batches of swap entries: one type, offsets in sequence, the same bits. */
static inline unsigned int w_scan_swap(const pte_t *ptep, unsigned int room)
{
	struct w_pte first, next;
	unsigned int nr;

	w_decode(w_raw(ptep), &first);
	for (nr = 1; nr < room; nr++) {
		w_decode(w_raw(ptep + nr), &next);
		if (next.kind != W_SLOT_SWAP || next.type != first.type || next.pfn != first.pfn + nr || next.bits != first.bits)
			break;
	}
	return nr;
}
static inline int w_swap_pte_batch(pte_t *ptep, int max_nr, pte_t pte)
{
	int nr;

	if (w_slot_of(ptep) >= 0 && (max_nr < 1 || (w_slot_of(ptep) & (W_SLOTS - 1)) + max_nr > W_SLOTS))
		w_violate(B1, w_slot_of(ptep));
	nr = (swap_pte_batch)(ptep, W.force_one ? 1 : max_nr, pte);
	if (w_slot_of(ptep) >= 0 && (nr < 1 || w_scan_swap(ptep, (unsigned int)nr) < (unsigned int)nr))
		w_violate(F1, w_slot_of(ptep));
	return nr;
}
#define swap_pte_batch(ptep, n, pte) w_swap_pte_batch(ptep, n, pte)
#endif
