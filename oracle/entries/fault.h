/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the adapters of the fault paths: where the fault is, and what the file behind the VMA holds. */
static struct file w_file;

/* A slot of the range of one of the kinds, from a starting point on; or -1. */
static inline int w_slot_with(unsigned int kinds, unsigned int from)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = s->end - s->start, k;

	for (k = 0; k < n; k++) {
		unsigned int at = s->start + (from + k) % n;

		if (kinds >> s->slot[at - s->first].kind & 1)
			return (int)at;
	}
	return -1;
}

static inline struct folio *w_folio_at(int at)
{
	return (struct folio *)&W.pages[W.scn->folio[W.scn->slot[at - W.scn->first].folio].pfn];
}
static inline struct page *w_page_at(int at)
{
	return folio_page(w_folio_at(at), W.scn->slot[at - W.scn->first].index);
}
static inline pte_t *w_ptep_of(int at) { return (pte_t *)W.tab[at / W_SLOTS] + at % W_SLOTS; }
static inline unsigned long w_offset_of(int at) { return W_PGOFF + w_skew(W.scn->vma) + (unsigned long)at; }
#define w_addr_of(at) (W_SRC_VA + (unsigned long)(at) * PAGE_SIZE)

/* The file behind the VMA; size: 0 for beyond all, else it ends in the range or a little after. */
static inline void w_open_file(long size)
{
	const struct w_scenario *s = W.scn;

	W.mapping = w_mapping_of(w_file_kind(s));
	W.file_pages = size ? w_offset_of(s->start) + 1 + (unsigned long)size % (s->end - s->start + 8U) : w_offset_of(2 * W_MAX_SLOTS);
	w_file.f_mapping = W.mapping;
	W.vma[0].vm_file = &w_file;
}

/* What may be up with a folio in the page cache. */
static inline void w_odd_folio(long option)
{
	const struct w_scenario *s = W.scn;
	unsigned int n = (unsigned int)option;
	struct folio *f;

	if (!s->nfolios)
		return;
	f = (struct folio *)&W.pages[s->folio[n % s->nfolios].pfn];
	n /= 41;
	if (folio_test_anon(f))
		return;
	if (n % 6 == 1 && !folio_mapped(f))
		folio_clear_uptodate(f);
	else if (n % 6 == 2)
		folio_set_reclaim(f);
	else if (n % 6 == 3)
		folio_set_workingset(f);
	else if (n % 6 == 4)
		SetPageHWPoison(folio_page(f, n / 6 % (unsigned int)folio_nr_pages(f)));
	else if (n % 6 == 5 && !folio_mapped(f))
		f->mapping = NULL; /* truncated, and about to leave the cache */
}

#define w_fault_at(at, how) { \
	.vma = &W.vma[0], .address = w_addr_of(at), .real_address = w_addr_of(at), .pgoff = w_offset_of(at), \
	.flags = (how), .pmd = (pmd_t *)&W.pmd[(W.asked = (at)) / W_SLOTS] }

/* D3: an entry that a write fault mapped or unshared; restoring a device's exclusive entry and NUMA hints do neither. */
static inline void w_check_written(int at, unsigned int flags)
{
	const struct w_slot *slot = &W.scn->slot[at - W.scn->first];
	struct w_pte now;

	w_decode(W.tab[at / W_SLOTS][at % W_SLOTS], &now);
	if (flags & FAULT_FLAG_WRITE && now.kind == W_SLOT_PAGE && now.bits & W_WRITE && !(now.bits & W_DIRTY) &&
	    slot->kind != W_SLOT_DEV_EXCL && (slot->kind != W_SLOT_PAGE || !(slot->bits & (W_WRITE | W_PROTNONE))))
		w_violate(D3, at);
}
