/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and making page-table entries, x86. */
#ifndef _ASM_X86_PGTABLE_H
#define _ASM_X86_PGTABLE_H

#define set_pte(ptep, pte)		native_set_pte(ptep, pte)
#define pte_clear(mm, addr, ptep)	native_pte_clear(mm, addr, ptep)

static inline pte_t pte_set_flags(pte_t pte, pteval_t set)
{
	return __pte(pte_val(pte) | set);
}

static inline pte_t pte_clear_flags(pte_t pte, pteval_t clear)
{
	return __pte(pte_val(pte) & ~clear);
}

static inline pteval_t pte_flags(pte_t pte)
{
	return pte_val(pte) & ~PTE_PFN_MASK;
}

static inline bool pte_none(pte_t pte)
{
	/* Accessed and dirty of a cleared entry may have been set by a processor that came too late. */
	return !(pte_val(pte) & ~(_PAGE_ACCESSED | _PAGE_DIRTY));
}

static inline bool pte_present(pte_t pte)
{
	return pte_flags(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline bool pte_protnone(pte_t pte)
{
	return (pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE;
}

static inline bool pte_dirty(pte_t pte)
{
	return pte_flags(pte) & _PAGE_DIRTY;
}

static inline bool pte_young(pte_t pte)
{
	return pte_flags(pte) & _PAGE_ACCESSED;
}

static inline bool pte_write(pte_t pte)
{
	return pte_flags(pte) & _PAGE_RW;
}

static inline bool pte_special(pte_t pte)
{
	return pte_flags(pte) & _PAGE_SPECIAL;
}

static inline bool pte_soft_dirty(pte_t pte)
{
	return pte_flags(pte) & _PAGE_SOFT_DIRTY;
}

static inline bool pte_uffd_wp(pte_t pte)
{
	return pte_flags(pte) & _PAGE_UFFD_WP;
}

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot));
}

static inline pte_t pte_advance_pfn(pte_t pte, unsigned long nr)
{
	return __pte(pte_val(pte) + (nr << PAGE_SHIFT));
}
#define pte_advance_pfn pte_advance_pfn

static inline pgprot_t pte_pgprot(pte_t pte)
{
	return __pgprot(pte_flags(pte));
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_DIRTY);
}

/* Whoever makes an entry dirty makes it soft-dirty too. */
static inline pte_t pte_mkdirty(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_DIRTY | _PAGE_SOFT_DIRTY);
}

static inline pte_t pte_mkold(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_ACCESSED);
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_ACCESSED);
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_RW);
}

static inline pte_t pte_mkwrite_novma(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_RW);
}

static inline pte_t pte_mkspecial(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_SPECIAL);
}

static inline pte_t pte_mksoft_dirty(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_SOFT_DIRTY);
}

static inline pte_t pte_clear_soft_dirty(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_SOFT_DIRTY);
}

static inline pte_t pte_mkuffd_wp(pte_t pte)
{
	return pte_wrprotect(pte_set_flags(pte, _PAGE_UFFD_WP));
}

static inline pte_t pte_clear_uffd_wp(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_UFFD_WP);
}

static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | (pgprot_val(newprot) & ~_PAGE_CHG_MASK));
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	return native_ptep_get_and_clear(ptep);
}

static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t old = READ_ONCE(*ptep);

	/* The processor may set bits at any time: try until none came in between. */
	while (!try_cmpxchg(&ptep->pte, &old.pte, pte_val(pte_wrprotect(old))))
		;
}
#define ptep_set_wrprotect ptep_set_wrprotect

static inline bool pte_swp_test(pte_t pte, pteval_t bit)
{
	return pte_val(pte) & bit;
}

#define pte_swp_mksoft_dirty(pte)	pte_set_flags(pte, _PAGE_SWP_SOFT_DIRTY)
#define pte_swp_soft_dirty(pte)		pte_swp_test(pte, _PAGE_SWP_SOFT_DIRTY)
#define pte_swp_clear_soft_dirty(pte)	pte_clear_flags(pte, _PAGE_SWP_SOFT_DIRTY)
#define pte_swp_mkuffd_wp(pte)		pte_set_flags(pte, _PAGE_SWP_UFFD_WP)
#define pte_swp_uffd_wp(pte)		pte_swp_test(pte, _PAGE_SWP_UFFD_WP)
#define pte_swp_clear_uffd_wp(pte)	pte_clear_flags(pte, _PAGE_SWP_UFFD_WP)
#define pte_swp_mkexclusive(pte)	pte_set_flags(pte, _PAGE_SWP_EXCLUSIVE)
#define pte_swp_exclusive(pte)		pte_swp_test(pte, _PAGE_SWP_EXCLUSIVE)
#define pte_swp_clear_exclusive(pte)	pte_clear_flags(pte, _PAGE_SWP_EXCLUSIVE)

#endif
