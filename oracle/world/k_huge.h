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
	w_pte_write(pmd, new);
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
#define folio_try_share_anon_rmap_pmd(f, p) w_try_share_anon(f, p, 1)

#endif
