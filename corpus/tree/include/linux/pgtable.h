/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every architecture gets that has nothing better: operations on one entry, and on a batch of them in terms of
 * those. A batch maps consecutive pages of one folio, in one page table and one VMA, whose lock is held.
 */
#ifndef _LINUX_PGTABLE_H
#define _LINUX_PGTABLE_H

#define pmd_addr_end(addr, end) ({ \
	unsigned long next_pmd = ((addr) + PMD_SIZE) & PMD_MASK; \
	next_pmd - 1 < (end) - 1 ? next_pmd : (end); })

#ifndef ptep_get
static inline pte_t ptep_get(pte_t *ptep)
{
	return READ_ONCE(*ptep);
}
#endif

#ifndef ptep_get_lockless
static inline pte_t ptep_get_lockless(pte_t *ptep)
{
	return ptep_get(ptep);
}
#endif

static inline bool pte_same(pte_t a, pte_t b)
{
	return pte_val(a) == pte_val(b);
}

#ifndef pte_mkwrite
static inline pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	return pte_mkwrite_novma(pte);
}
#endif

#ifndef move_pte
#define move_pte(pte, old_addr, new_addr) (pte)
#endif

#ifndef pte_next_pfn
static inline pte_t pte_next_pfn(pte_t pte)
{
	return pte_advance_pfn(pte, 1);
}
#endif

#ifndef pte_batch_hint
/* At least this many entries from ptep on belong together: what the architecture knows without looking at them. */
static inline unsigned int pte_batch_hint(pte_t *ptep, pte_t pte)
{
	return 1;
}
#endif

#ifndef set_ptes
static inline void set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr)
{
	unsigned int i = 0;

	page_table_check_ptes_set(mm, ptep, pte, nr);
	do {
		set_pte(ptep + i, pte_advance_pfn(pte, i));
	} while (++i != nr);
}
#endif
#define set_pte_at(mm, addr, ptep, pte) set_ptes(mm, addr, ptep, pte, 1)

#ifndef ptep_get_and_clear_full
static inline pte_t ptep_get_and_clear_full(struct mm_struct *mm, unsigned long addr, pte_t *ptep, int full)
{
	return ptep_get_and_clear(mm, addr, ptep);
}
#endif

#ifndef get_and_clear_full_ptes
/* The first entry, with dirty and young of them all. */
static inline pte_t get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
					    unsigned int nr, int full)
{
	pte_t first = ptep_get_and_clear_full(mm, addr, ptep, full);
	unsigned int i;

	for (i = 1; i < nr; i++) {
		pte_t other = ptep_get_and_clear_full(mm, addr + i * PAGE_SIZE, ptep + i, full);

		first = pte_dirty(other) ? pte_mkdirty(first) : first;
		first = pte_young(other) ? pte_mkyoung(first) : first;
	}
	return first;
}
#endif

#ifndef clear_full_ptes
static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		ptep_get_and_clear_full(mm, addr + i * PAGE_SIZE, ptep + i, full);
}
#endif

static inline void pte_clear_not_present_full(struct mm_struct *mm, unsigned long addr, pte_t *ptep, int full)
{
	pte_clear(mm, addr, ptep);
}

#ifndef clear_not_present_full_ptes
static inline void clear_not_present_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
					       unsigned int nr, int full)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		pte_clear_not_present_full(mm, addr + i * PAGE_SIZE, ptep + i, full);
}
#endif

#ifndef wrprotect_ptes
static inline void wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		ptep_set_wrprotect(mm, addr + i * PAGE_SIZE, ptep + i);
}
#endif

#ifndef clear_young_dirty_ptes
static inline void clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
					  unsigned int nr, cydp_t flags)
{
	unsigned int i;

	for (i = 0; i < nr; i++, addr += PAGE_SIZE) {
		pte_t pte = ptep_get_and_clear(vma->vm_mm, addr, ptep + i);

		if (flags & CYDP_CLEAR_DIRTY)
			pte = pte_mkclean(pte);
		if (flags & CYDP_CLEAR_YOUNG)
			pte = pte_mkold(pte);
		set_pte_at(vma->vm_mm, addr, ptep + i, pte);
	}
}
#endif

/* A protection change takes entries out, so that accessed and dirty cannot be lost, and puts them back changed. */
#ifndef modify_prot_start_ptes
static inline pte_t modify_prot_start_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
					   unsigned int nr)
{
	return get_and_clear_full_ptes(vma->vm_mm, addr, ptep, nr, 0);
}
#endif

#ifndef modify_prot_commit_ptes
static inline void modify_prot_commit_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
					   pte_t old_pte, pte_t pte, unsigned int nr)
{
	unsigned int i;

	/* One by one: the entries of a sub-batch go back next to others of their block. */
	for (i = 0; i < nr; i++)
		set_pte_at(vma->vm_mm, addr + i * PAGE_SIZE, ptep + i, pte_advance_pfn(pte, i));
}
#endif

static inline pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	pte_t pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);

	flush_tlb_page(vma, addr);
	return pte;
}

#ifndef pte_needs_flush
static inline bool pte_needs_flush(pte_t old, pte_t new)
{
	return true;
}
#endif

#define pgtable_supports_soft_dirty() IS_ENABLED(CONFIG_MEM_SOFT_DIRTY)

#ifndef CONFIG_HAVE_ARCH_SOFT_DIRTY
static inline bool pte_soft_dirty(pte_t pte) { return false; }
static inline pte_t pte_mksoft_dirty(pte_t pte) { return pte; }
static inline pte_t pte_clear_soft_dirty(pte_t pte) { return pte; }
static inline bool pte_swp_soft_dirty(pte_t pte) { return false; }
static inline pte_t pte_swp_mksoft_dirty(pte_t pte) { return pte; }
static inline pte_t pte_swp_clear_soft_dirty(pte_t pte) { return pte; }
#endif

#endif
