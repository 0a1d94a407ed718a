/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for PMDs that may be without a table, and for folios they map whole. A page table is told by its place
 * among the world's; deposited or taken out, it is that of its PMD.
 */
#ifndef W_K_HUGE_H
#define W_K_HUGE_H

static inline void w_populate(void *pmd, pgtable_t table)
{
	unsigned long new = (unsigned long)table | 3;

	w_step();
	w_pte_write(pmd, new, true);
	*(unsigned long *)pmd = new;
}
#define pmd_populate(mm, p, table) w_populate(p, table)
#define pmd_pgtable(p) ((pgtable_t)(w_word(p) & PAGE_MASK))
#define pgtable_trans_huge_withdraw(mm, p) ((pgtable_t)W.tab[w_table_of_pmd(p) & (W_TABLES - 1)])

#define pgtable_trans_huge_deposit(mm, p, table) ((void)(table))
#define folio_set_order(f, order) ((f)->w_order = (unsigned short)(order))
#define pmd_mkwrite(p, vma) ((void)(vma), pmd_mkwrite_novma(p))
#define is_huge_zero_pmd(p) (pmd_present(p) && is_huge_zero_pfn(pmd_pfn(p)))
#define vma_is_special_huge(vma) ((vma)->vm_file && (vma)->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))

static struct folio *w_cached;	/* what the adapter has put in the page cache or the swap cache */

/* The one folio that the page cache has at a place: locked, with a reference; not if it is gone by now. */
#define filemap_lock_folio(mapping, at) ((void)(at), w_may_fail() ? ERR_PTR(-ENOENT) : w_lock_folio(w_cached))
static inline struct folio *w_lock_folio(struct folio *f)
{
	folio_get(f);
	folio_lock(f);
	return f;
}
#define vma_lookup(mm, addr) ((void)(mm), (void)(addr), &W.vma[0])
#define thp_vma_allowable_order(...) (!w_may_fail())
#define pmdp_get_lockless_sync() ((void)0)
/* L7: as for a table that a zap frees. */
static inline void pte_free_defer(struct mm_struct *mm, pgtable_t table)
{
	unsigned long i;

	(void)mm;
	for (i = 0; i < W_SLOTS; i++)
		if (((unsigned long *)table)[i])
			w_violate(L7, (int)i);
}

/* Mapped whole, a folio has one reference, and its first page says whether it is exclusive. include/linux/rmap.h */
static inline void folio_remove_rmap_pmd(struct folio *f, struct page *page, struct vm_area_struct *vma)
{
	(void)vma;
	w_rmap_range(f, page, HPAGE_PMD_NR);
	if (--f->_entire_mapcount.counter < 0)
		w_violate(G2, -1);
	atomic_dec(&f->_large_mapcount);
}
static inline void w_rmap_add_pmd(struct folio *f, struct page *page)
{
	w_rmap_range(f, page, HPAGE_PMD_NR);
	f->_entire_mapcount.counter++;
	atomic_inc(&f->_large_mapcount);
}
#define folio_add_file_rmap_pmd(f, p, vma) w_rmap_add_pmd(f, p)
/*
 * do_set_pmd, mm/memory.c: what is left to the caller is the reference. The PMD stays for the caller's adapter to set.
 * Faults meet PMDs with a table only. The folio is an argument of its own since 6.17.
 */
static inline bool w_set_pmd(struct page *page)
{
	struct folio *f = w_head_of(page);

	if (w_trait(&W, FAULTS) || w_may_fail())
		return false;
	spin_lock(&W.pml);
	w_rmap_add_pmd(f, page);
	spin_unlock(&W.pml);
	W.mm[0].rss[f->mapping == w_mapping_of(W_FOLIO_SHMEM) ? 3 : 0] += HPAGE_PMD_NR;
	return true;
}
#define w_last(first, ...) w_last_of(first, ##__VA_ARGS__, first)
#define w_last_of(first, second, ...) second
#define do_set_pmd(vmf, ...) ((void)(vmf), w_set_pmd(w_last(__VA_ARGS__)) ? 0 : VM_FAULT_FALLBACK)
#define folio_try_share_anon_rmap_pmd(f, p) w_try_share_anon(f, p, 1)

#endif
