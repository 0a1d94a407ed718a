/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and making page-table entries, arm64. Dirty is kept twice: by the hardware, which clears RDONLY of a
 * writable entry, and in a software bit for entries that are not writable.
 */
#ifndef __ASM_PGTABLE_H
#define __ASM_PGTABLE_H

static inline pte_t set_pte_bit(pte_t pte, pteval_t bits)
{
	return __pte(pte_val(pte) | bits);
}

static inline pte_t clear_pte_bit(pte_t pte, pteval_t bits)
{
	return __pte(pte_val(pte) & ~bits);
}

static inline bool pte_present_invalid(pte_t pte)
{
	return (pte_val(pte) & (PTE_VALID | PTE_PRESENT_INVALID)) == PTE_PRESENT_INVALID;
}

static inline bool pte_present(pte_t pte)
{
	return pte_valid(pte) || pte_present_invalid(pte);
}

static inline bool pte_protnone(pte_t pte)
{
	return pte_present_invalid(pte) && !(pte_val(pte) & PTE_USER);
}

static inline bool pte_valid_cont(pte_t pte)
{
	return pte_valid(pte) && pte_cont(pte);
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return set_pte_bit(clear_pte_bit(pte, PTE_DIRTY), PTE_RDONLY);
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	if (pte_write(pte))
		pte = clear_pte_bit(pte, PTE_RDONLY);
	return set_pte_bit(pte, PTE_DIRTY);
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	/* What the hardware noted would be lost with the write bit. */
	if (pte_hw_dirty(pte))
		pte = set_pte_bit(pte, PTE_DIRTY);
	return set_pte_bit(clear_pte_bit(pte, PTE_WRITE), PTE_RDONLY);
}

static inline pte_t pte_mkwrite_novma(pte_t pte)
{
	pte = set_pte_bit(pte, PTE_WRITE);
	return pte_sw_dirty(pte) ? clear_pte_bit(pte, PTE_RDONLY) : pte;
}

static inline pte_t pte_mkold(pte_t pte)
{
	return clear_pte_bit(pte, PTE_AF);
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return set_pte_bit(pte, PTE_AF);
}

static inline pte_t pte_mkspecial(pte_t pte)
{
	return set_pte_bit(pte, PTE_SPECIAL);
}

static inline pte_t pte_mkcont(pte_t pte)
{
	return set_pte_bit(pte, PTE_CONT);
}

static inline pte_t pte_mknoncont(pte_t pte)
{
	return clear_pte_bit(pte, PTE_CONT);
}

static inline pte_t pte_mkuffd_wp(pte_t pte)
{
	return pte_wrprotect(set_pte_bit(pte, PTE_UFFD_WP));
}

static inline pte_t pte_clear_uffd_wp(pte_t pte)
{
	return clear_pte_bit(pte, PTE_UFFD_WP);
}

static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	const pteval_t changes = PTE_VALID | PTE_TYPE_PAGE | PTE_PRESENT_INVALID | PTE_USER | PTE_RDONLY |
				 PTE_WRITE | PTE_PXN | PTE_UXN;
	bool dirty = pte_dirty(pte);

	pte = __pte((pte_val(pte) & ~changes) | (pgprot_val(newprot) & changes));
	return dirty ? pte_mkdirty(pte) : pte;
}

/*
 * Raw operations on single entries. They know nothing of contiguous blocks; generic code gets those further down.
 */
static inline pte_t __ptep_get(pte_t *ptep)
{
	return READ_ONCE(*ptep);
}

static inline void __set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		WRITE_ONCE(ptep[i], pte_advance_pfn(pte, i));
}

static inline pte_t __ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	return __pte(xchg(&pte_val(*ptep), 0));
}

static inline pte_t __get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
					      unsigned int nr, int full)
{
	pte_t first = __ptep_get_and_clear(mm, addr, ptep);

	while (--nr) {
		pte_t other = __ptep_get_and_clear(mm, addr, ++ptep);

		if (pte_dirty(other))
			first = pte_mkdirty(first);
		if (pte_young(other))
			first = pte_mkyoung(first);
	}
	return first;
}

/* Replaces an entry by what change makes of it, unless the hardware comes in between: then of what it is now. */
#define __ptep_update(ptep, old, change) do { \
	pte_t now_ = __ptep_get(ptep); \
	do { \
		(old) = now_; \
	} while (!try_cmpxchg(&pte_val(*(ptep)), &pte_val(now_), pte_val(change))); \
} while (0)

static inline void __ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t old;

	__ptep_update(ptep, old, pte_wrprotect(old));
}

static inline bool __ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	pte_t old;

	__ptep_update(ptep, old, pte_mkold(old));
	return pte_young(old);
}

static inline void __clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
					    unsigned int nr, cydp_t flags)
{
	pte_t old, new;

	for (; nr; nr--, ptep++)
		__ptep_update(ptep, old, ({
			new = flags & CYDP_CLEAR_DIRTY ? pte_mkclean(old) : old;
			flags & CYDP_CLEAR_YOUNG ? pte_mkold(new) : new; }));
}

int __ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t entry, int dirty);

/*
 * What generic code calls. A naturally aligned block of valid entries on one folio carries the contiguous bit, so that
 * one TLB entry serves it; arch/arm64/mm/contpte.c keeps that from anyone else.
 */
void __contpte_try_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte);
void __contpte_try_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte);
pte_t contpte_ptep_get(pte_t *ptep, pte_t orig_pte);
pte_t contpte_ptep_get_lockless(pte_t *orig_ptep);
void contpte_set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr);
void contpte_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full);
pte_t contpte_get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full);
bool contpte_test_and_clear_young_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr);
void contpte_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr);
void contpte_clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, unsigned int nr,
				    cydp_t flags);
int contpte_ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t entry, int dirty);

/* Entries are mostly written upwards: the last of a block is when it may have become whole. */
static inline void contpte_try_fold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	const unsigned long last = CONT_PTES - 1;

	if ((~(addr >> PAGE_SHIFT) & last) || (~pte_pfn(pte) & last))
		return;
	if (pte_valid(pte) && !pte_cont(pte) && !pte_special(pte))
		__contpte_try_fold(mm, addr, ptep, pte);
}

static inline void contpte_try_unfold(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	if (pte_valid_cont(pte))
		__contpte_try_unfold(mm, addr, ptep, pte);
}

#define pte_batch_hint pte_batch_hint
static inline unsigned int pte_batch_hint(pte_t *ptep, pte_t pte)
{
	return pte_valid_cont(pte) ? CONT_PTES - (((unsigned long)ptep / sizeof(pte_t)) & (CONT_PTES - 1)) : 1;
}

#define ptep_get ptep_get
static inline pte_t ptep_get(pte_t *ptep)
{
	pte_t pte = __ptep_get(ptep);

	return pte_valid_cont(pte) ? contpte_ptep_get(ptep, pte) : pte;
}

#define ptep_get_lockless ptep_get_lockless
static inline pte_t ptep_get_lockless(pte_t *ptep)
{
	return contpte_ptep_get_lockless(ptep);
}

#define set_ptes set_ptes
static inline void set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte, unsigned int nr)
{
	pte = pte_mknoncont(pte);
	if (nr > 1) {
		contpte_set_ptes(mm, addr, ptep, pte, nr);
		return;
	}
	contpte_try_unfold(mm, addr, ptep, __ptep_get(ptep));
	__set_ptes(mm, addr, ptep, pte, 1);
	contpte_try_fold(mm, addr, ptep, pte);
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	contpte_try_unfold(mm, addr, ptep, __ptep_get(ptep));
	return __ptep_get_and_clear(mm, addr, ptep);
}

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	ptep_get_and_clear(mm, addr, ptep);
}

#define clear_full_ptes clear_full_ptes
static inline void clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr, int full)
{
	contpte_clear_full_ptes(mm, addr, ptep, nr, full);
}

#define get_and_clear_full_ptes get_and_clear_full_ptes
static inline pte_t get_and_clear_full_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
					    unsigned int nr, int full)
{
	return contpte_get_and_clear_full_ptes(mm, addr, ptep, nr, full);
}

#define wrprotect_ptes wrprotect_ptes
static inline void wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep, unsigned int nr)
{
	contpte_wrprotect_ptes(mm, addr, ptep, nr);
}

#define clear_young_dirty_ptes clear_young_dirty_ptes
static inline void clear_young_dirty_ptes(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
					  unsigned int nr, cydp_t flags)
{
	contpte_clear_young_dirty_ptes(vma, addr, ptep, nr, flags);
}

#endif
