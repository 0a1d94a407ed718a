/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What batch detection is asked and what it finds, checked where mm code calls it (mm/internal.h), and the switch that
 * forces every batch to length 1. Included after contracts.h; the slicer makes the wrappers that ask, of whatever the
 * tree has for detection. W_DETECTS_FOLIO: the slice has some for folios.
 */

/* Flags of batch detection: until 6.16 they name what is left out, since 6.17 what is compared. */
#ifdef HAVE_FPB_IGNORE_DIRTY
#define W_FLAGS_IGNORE true
#define W_FLAG_DIRTY FPB_IGNORE_DIRTY
#define W_FLAG_SOFT FPB_IGNORE_SOFT_DIRTY
#define W_FLAG_WRITE 0
#define W_FLAGS_LEAST ((unsigned int)(FPB_IGNORE_DIRTY | FPB_IGNORE_SOFT_DIRTY))
#elif defined(HAVE_FPB_RESPECT_DIRTY)
#define W_FLAGS_IGNORE false
#define W_FLAG_DIRTY FPB_RESPECT_DIRTY
#define W_FLAG_SOFT FPB_RESPECT_SOFT_DIRTY
#define W_FLAG_WRITE FPB_RESPECT_WRITE
#define W_FLAGS_LEAST 0U
#else /* nobody knows what they mean */
#define W_FLAGS_IGNORE false
#define W_FLAG_DIRTY 0
#define W_FLAG_SOFT 0
#define W_FLAG_WRITE 0
#define W_FLAGS_LEAST 0U
#endif
#define W_FLAGS_NONE ~0U /* detection without such flags: which bits have to be alike is its own affair */

#ifdef W_DETECTS_FOLIO
struct w_scan { unsigned int nr; bool any_write, any_young, any_dirty; };

/* What batch detection compares: all but young, and but what the flags of this tree leave out. */
static inline pte_t w_compared(pte_t pte, unsigned int flags)
{
	bool dirty = W_FLAGS_IGNORE ? !(flags & W_FLAG_DIRTY) : flags & W_FLAG_DIRTY;
	bool soft = W_FLAGS_IGNORE ? !(flags & W_FLAG_SOFT) : flags & W_FLAG_SOFT;
	bool write = flags & W_FLAG_WRITE;

	pte = dirty ? pte : pte_mkclean(pte);
	pte = soft ? pte : pte_clear_soft_dirty(pte);
	return pte_mkold(write ? pte : pte_wrprotect(pte));
}

/* B4: the reference for batch detection, one entry after the other; any_*: of the entries after the first. */
static inline void w_scan(struct folio *folio, pte_t *ptep, pte_t first, unsigned int room, unsigned int flags, struct w_scan *out)
{
	unsigned long pfn = pte_pfn(first), left = folio_pfn(folio) + (unsigned long)folio_nr_pages(folio) - pfn;
	long steps = W.steps;
	typeof(W.order.last) last = W.order.last;

	*out = (struct w_scan){ .nr = 1 };
	W.quiet++; /* and no step of the code under test */
	for (; out->nr < room && out->nr < left; out->nr++) {
		pte_t pte = ptep_get(ptep + out->nr);

		if (!pte_present(pte) || pte_pfn(pte) != pfn + out->nr || (flags != W_FLAGS_NONE &&
		    pte_val(w_compared(pte, flags)) != pte_val(w_compared(pte_advance_pfn(first, out->nr), flags))))
			break;
		out->any_write |= !!pte_write(pte);
		out->any_young |= !!pte_young(pte);
		out->any_dirty |= !!pte_dirty(pte);
	}
	W.steps = steps;
	W.order.last = last;
	W.quiet--;
}

/* Whether the first entry maps the folio. */
static inline bool w_maps(const struct folio *folio, pte_t pte)
{
	return folio && pte_present(pte) && pte_pfn(pte) - folio_pfn(folio) < (unsigned long)folio_nr_pages(folio);
}

/* B1, B2, B3: what a caller of batch detection promises, and what it gets. guarded: detection looks at the folio itself. */
static inline unsigned int w_batch_asked(struct folio *folio, pte_t *ptep, pte_t pte, long max_nr, bool guarded)
{
	int slot = w_slot_of(ptep);

	if (slot >= 0 && (max_nr < 1 || (slot & (W_SLOTS - 1)) + max_nr > W_SLOTS ||
			  (slot & (2 * W_SLOTS - 1)) + max_nr > W.scn->vma_end))
		w_violate(B1, slot);
	if (!guarded && (!w_maps(folio, pte) || !folio_test_large(folio)))
		w_violate(B3, slot);
	return W.force_one ? 1 : (unsigned int)max_nr;
}
static inline unsigned int w_batch_found(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int nr)
{
	if (nr < 1 || pte_pfn(pte) + nr > folio_pfn(folio) + (unsigned long)folio_nr_pages(folio))
		w_violate(B2, w_slot_of(ptep));
	return nr;
}
static inline unsigned int w_batch_agrees(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int nr, unsigned int flags)
{
	struct w_scan scan;

	if (!w_maps(folio, pte))
		return nr; /* B3, or what guarded detection turns down */
	w_scan(folio, ptep, pte, nr, flags, &scan);
	/* Hardware may have made an entry dirty since. */
	if (!W.agent && scan.nr < nr && pte_pfn(pte) + nr <= folio_pfn(folio) + (unsigned long)folio_nr_pages(folio))
		w_violate(B4, w_slot_of(ptep));
	return w_batch_found(folio, ptep, pte, nr);
}
static inline void w_batch_copied(const pte_t *ptep, const pte_t *copy)
{
	if (w_table_offset(copy) >= 0)
		w_violate(B9, w_slot_of(ptep));
}
static inline void w_batch_merges(const struct vm_area_struct *vma, const pte_t *ptep, unsigned int flags)
{
#ifdef HAVE_FPB_MERGE_WRITE
	if (flags & FPB_MERGE_WRITE && !vma)
		w_violate(B8, w_slot_of(ptep));
#endif
	(void)vma, (void)ptep, (void)flags;
}
#endif

static void w_decode(unsigned long raw, struct w_pte *l);

/*
 * F1: the reference for batches of swap entries: one type, offsets in sequence, the same bits. breaks: what one more
 * entry would break; F2 if it is none of swap.
 */
static inline unsigned int w_scan_swap(const pte_t *ptep, unsigned int room, enum w_rule *breaks)
{
	struct w_pte first, next;
	unsigned int nr;

	w_decode(w_raw(ptep), &first);
	for (nr = 1; nr < room; nr++) {
		w_decode(w_raw(ptep + nr), &next);
		*breaks = next.kind == W_SLOT_SWAP && next.type < W_SWAP_TYPES ? W_RULE_F1 : W_RULE_F2;
		if (next.kind != W_SLOT_SWAP || next.type != first.type || next.pfn != first.pfn + nr || next.bits != first.bits)
			break;
	}
	return nr;
}
static inline unsigned int w_swap_asked(const pte_t *ptep, long max_nr)
{
	if (w_slot_of(ptep) >= 0 && (max_nr < 1 || (w_slot_of(ptep) & (W_SLOTS - 1)) + max_nr > W_SLOTS))
		w_violate(B1, w_slot_of(ptep));
	return W.force_one ? 1 : (unsigned int)max_nr;
}
static inline long w_swap_agrees(const pte_t *ptep, long nr)
{
	enum w_rule breaks = W_RULE_F1;

	if (w_slot_of(ptep) >= 0 && (nr < 1 || w_scan_swap(ptep, (unsigned int)nr, &breaks) < (unsigned int)nr))
		w_violate_at(breaks, w_slot_of(ptep), W_HERE);
	return nr;
}
