/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate_vma_insert_page, mm/migrate_device.c: a new page for an empty entry of an anonymous VMA, of normal memory or
 * of a device; mmap lock held for reading, the page locked and held by the caller.
 */
static void w_check_inserted(unsigned int slot, const struct page *page)
{
	struct w_pte l;

	w_decode(W.tab[slot / W_SLOTS][slot % W_SLOTS], &l);
	if (l.pfn != page_to_pfn(page) || l.kind != (PageDevice(page) ? W_SLOT_DEV_PRIV : W_SLOT_PAGE))
		w_violate(B12, (int)slot);
	if (l.bits & W_WRITE && !(W.vma[0].vm_flags & VM_WRITE))
		w_violate(L8, (int)slot);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned int slot = s->start + (unsigned int)s->option[0] % (unsigned int)(s->end - s->start);
	struct migrate_vma migrate = { .vma = &W.vma[0] };
	struct folio *folio = w_alloc_folio();
	unsigned long src = MIGRATE_PFN_MIGRATE;

	if (s->option[1] & 1)
		folio_set_device(folio);
	folio_lock(folio);
	w_fail_from(s->option[2] & 7);
#ifdef HAVE_migrate_vma_insert_huge_pmd_page
	{
		unsigned long dst = migrate_pfn(folio_pfn(folio));

		migrate_vma_insert_page(&migrate, W_SRC_VA + slot * PAGE_SIZE, &dst, &src);
	}
#else
	migrate_vma_insert_page(&migrate, W_SRC_VA + slot * PAGE_SIZE, &folio->page, &src);
#endif
	W.facts.ret = (long)src;
	if (src & MIGRATE_PFN_MIGRATE)
		w_check_inserted(slot, &folio->page);
	folio_unlock(folio);
	folio_put(folio);
}
#define W_FAMILY W_FAM_FILL
