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
static inline bool w_is_mapped(const struct w_slot *slot) { return W_IS_MAPPED(slot->kind); }

static inline struct folio *w_folio_of(const struct w_slot *slot)
{
	return (struct folio *)&W.pages[W.scn->folio[slot->folio].pfn];
}

/* vma_address, mm/internal.h: where the first page of the folio is in the VMA, or the VMA's start. */
static inline unsigned long w_address_in(const struct vm_area_struct *vma, const struct folio *folio)
{
	return vma->vm_start + (folio->index > vma->vm_pgoff ? (folio->index - vma->vm_pgoff) << PAGE_SHIFT : 0);
}
