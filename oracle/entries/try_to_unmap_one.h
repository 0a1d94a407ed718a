/*
 * try_to_unmap_one, mm/rmap.c: try_to_unmap()'s rmap walk calls it for one VMA that maps a locked folio. The caller
 * holds a reference; it has put an anon folio that is not lazily freed into the swap cache, or the page is poisoned.
 */
#ifdef HAVE_SWP_DEVICE_EXCLUSIVE
#define W_IS_MAPPED(kind) ((kind) == W_SLOT_PAGE || (kind) == W_SLOT_DEV_EXCL)
#else
/* Before 6.15 a device-exclusive entry was no mapping, and nothing reclaimed its page. */
#define W_IS_MAPPED(kind) ((kind) == W_SLOT_PAGE)
#endif

static const struct w_slot *w_mapped_from(unsigned int from)
{
	const struct w_scenario *s = W.scn;
	unsigned int at, n = s->end - s->start, k;

	for (k = 0; k < n; k++) {
		at = s->start + (from + k) % n;
		if (W_IS_MAPPED(s->slot[at - s->first].kind))
			return &s->slot[at - s->first];
	}
	return NULL;
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	const struct w_slot *slot = w_mapped_from((unsigned int)s->option[0]);
	struct vm_area_struct *vma = &W.vma[0];
	unsigned long address, flags;
	struct folio *folio;

	if (!slot)
		return;
	folio = (struct folio *)&W.pages[s->folio[slot->folio].pfn];
	/* vma_address(): where the first page of the folio is in the VMA, or the VMA's start. */
	address = vma->vm_start;
	if (folio->index > vma->vm_pgoff)
		address += (folio->index - vma->vm_pgoff) << PAGE_SHIFT;
	flags = (s->option[1] & 1 ? TTU_IGNORE_MLOCK : 0) | (s->option[1] & 2 ? TTU_BATCH_FLUSH : 0) |
		(s->option[1] & 4 ? TTU_SYNC : 0);
	/* unmap_poisoned_folio() in mm/memory-failure.c: a folio in the swap cache keeps its swap entry. */
	if (!folio_test_large(folio) && !folio_test_swapcache(folio) &&
	    (s->option[1] & 8 || (folio_test_anon(folio) && folio_test_swapbacked(folio)))) {
		folio_set_hwpoison(folio);
		flags |= TTU_HWPOISON;
	}
	W.facts.ret = try_to_unmap_one(folio, vma, address, (void *)flags);
	try_to_unmap_flush();
}
#define W_FAMILY W_FAM_UNMAP
