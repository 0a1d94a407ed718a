/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reverse-map walk is given: a folio that a VMA maps, and the address of its first page there. */
static const struct w_slot *w_slot_from(unsigned int from, bool (*wanted)(const struct w_slot *))
{
	const struct w_scenario *s = W.scn;
	unsigned int at, n = s->end - s->start, k;

	for (k = 0; k < n; k++) {
		at = s->start + (from + k) % n;
		if (wanted(&s->slot[at - s->first]))
			return &s->slot[at - s->first];
	}
	return NULL;
}

#ifdef HAVE_SWP_DEVICE_EXCLUSIVE
#define W_IS_MAPPED(kind) ((kind) == W_SLOT_PAGE || (kind) == W_SLOT_DEV_EXCL)
#else
/* Before 6.15 a device-exclusive entry was no mapping, and nothing reclaimed its page. */
#define W_IS_MAPPED(kind) ((kind) == W_SLOT_PAGE)
#endif
static inline bool w_is_mapped(const struct w_slot *slot) { return W_IS_MAPPED(slot->kind) || slot->kind == W_SLOT_PMD; }

static inline struct folio *w_folio_of(const struct w_slot *slot)
{
	return (struct folio *)&W.pages[W.scn->folio[slot->folio].pfn];
}

/* Who unmaps a file's folio of hugetlb has locked its mapping. */
#ifdef HAVE_TTU_RMAP_LOCKED
#define w_ttu_locked(folio) (folio_test_hugetlb(folio) && !folio_test_anon(folio) ? TTU_RMAP_LOCKED : 0)
#else
#define w_ttu_locked(folio) 0
#endif

/* vma_address, mm/internal.h: where the first page of the folio is in the VMA, or the VMA's start. */
static inline unsigned long w_address_in(const struct vm_area_struct *vma, const struct folio *folio)
{
	return vma->vm_start + (folio->index > vma->vm_pgoff ? (folio->index - vma->vm_pgoff) << PAGE_SHIFT : 0);
}

/* S9: the folio is old in this VMA now, and an access was told; L10: a secondary MMU's as well. */
static inline void w_check_told(const struct w_slot *of, bool told)
{
	const struct w_scenario *s = W.scn;
	unsigned int at;

	for (at = s->first > s->vma_first ? s->first : s->vma_first; at < s->vma_end && at < (unsigned int)s->first + s->nslots; at++) {
		const struct w_slot *slot = &s->slot[at - s->first];
		struct w_pte now;

		if ((slot->kind != W_SLOT_PAGE && slot->kind != W_SLOT_PMD) || slot->folio != of->folio)
			continue;
		w_decode(slot->kind == W_SLOT_PMD ? W_HW_FROM_LEAF(W.pmd[at / W_SLOTS]) : W.tab[at / W_SLOTS][at % W_SLOTS], &now);
		if (now.bits & W_YOUNG || ((slot->bits & W_YOUNG || w_secondary_was(at)) && !told))
			w_violate(S9, (int)at);
		if (w_secondary_is(at))
			w_violate(L10, (int)at);
	}
}
