/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate_vma_collect_pmd, mm/migrate_device.c: what migrate_vma_setup's walk calls for one page table; mmap lock held.
 * What it collects it has locked and holds a reference on: both are given up here, as migrate_vma_finalize does.
 */
static struct dev_pagemap w_pgmap;
static unsigned long w_src[W_SLOTS], w_dst[W_SLOTS];

/* The fault that asked for a page of a device holds and has locked it. */
static struct folio *w_faulting(long option)
{
	const struct w_scenario *s = W.scn;
	unsigned int f;

	for (f = 0; option & 1 && f < s->nfolios; f++)
		if (s->folio[f].bits & W_F_DEVICE && !(s->folio[f].bits & W_F_LOCKED)) {
			struct folio *folio = (struct folio *)&W.pages[s->folio[f].pfn];

			folio_get(folio);
			folio_lock(folio);
			return folio;
		}
	return NULL;
}

/* B12: an entry stands for the page that was mapped there; E5: what was exclusive then is exclusive in the entry. */
static void w_check_collected(unsigned int at, unsigned long src)
{
	const struct w_slot *slot = &W.scn->slot[at - W.scn->first];
	struct w_pte l;

	if (!migrate_pfn_to_page(src))
		return;
	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &l);
	if (l.kind < W_SLOT_MIG_READ || l.kind > W_SLOT_MIG_WRITE || l.pfn != src >> MIGRATE_PFN_SHIFT ||
	    l.pfn != W_PFN_BASE + W.scn->folio[slot->folio].pfn + slot->index)
		w_violate(B12, (int)at);
	if (slot->bits & W_EXCL && l.kind == W_SLOT_MIG_READ)
		w_violate(E5, (int)at);
	if (l.kind == W_SLOT_MIG_WRITE && !(slot->bits & W_WRITE))
		w_violate(L8, (int)at);
	if ((slot->bits ^ l.bits) & (W_WP | (pte_soft_dirty(pte_mksoft_dirty(__pte(0))) ? W_SOFT : 0)))
		w_violate(D5, (int)at);
}

static void w_entry(void)
{
	const struct w_scenario *s = W.scn;
	unsigned long addr = W_SRC_VA + s->start * PAGE_SIZE, end = W_SRC_VA + s->end * PAGE_SIZE;
	struct folio *fault = w_faulting(s->option[1]);
	struct migrate_vma migrate = {
		.vma = &W.vma[0], .src = w_src, .dst = w_dst, .start = addr, .end = end,
		.pgmap_owner = s->option[2] % 4 == 1 ? NULL : &w_pgmap, .fault_page = fault ? &fault->page : NULL,
		.flags = s->option[0] % 8 == 1 ? MIGRATE_VMA_SELECT_DEVICE_PRIVATE : s->option[0] & 1 ? MIGRATE_VMA_SELECT_SYSTEM :
			MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
	};
	struct mm_walk walk = { .vma = &W.vma[0], .mm = &W.mm[0], .private = &migrate };
	unsigned int i;

	w_pgmap.owner = &w_pgmap;
	for (i = 0; i < s->nfolios; i++)
		if (s->folio[i].bits & W_F_DEVICE)
			W.pages[s->folio[i].pfn].pgmap = &w_pgmap;
	w_fail_from(s->option[3] & 7);
	if (s->option[4] % 32 == 1) /* no table, as yet */
		W.pmd[s->start / W_SLOTS] = 0;
	W.facts.ret = migrate_vma_collect_pmd((pmd_t *)&W.pmd[s->start / W_SLOTS], addr, end, &walk);
	W.pmd[s->start / W_SLOTS] = w_table_pmd(s->start / W_SLOTS);
	W.facts.out[0] = (long)migrate.cpages;
	if (migrate.npages != (unsigned long)(s->end - s->start))
		w_violate(B11, -1);
	for (i = 0; i < migrate.npages; i++) {
		struct page *page = migrate_pfn_to_page(w_src[i]);

		W.facts.out[1] = W.facts.out[1] * 31 + (long)w_src[i];
		w_check_collected(s->start + i, w_src[i]);
		if (!page)
			continue;
		if (page_folio(page) != fault)
			folio_unlock(page_folio(page));
		put_page(page);
	}
	if (fault) {
		folio_unlock(fault);
		folio_put(fault);
	}
}
#define W_FAMILY W_FAM_DEVICE
#ifdef HAVE_migrate_vma_split_folio
#define W_WANTS (W_WANT_LOCKS | W_WANT_DEVICE | W_WANT_LARGE_DEVICE)
#else
#define W_WANTS (W_WANT_LOCKS | W_WANT_DEVICE)
#endif
