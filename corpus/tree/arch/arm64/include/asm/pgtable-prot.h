/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The software bits of an entry, the protections that user memory can have, how a swap entry lies in one; what can be asked of an entry. */
#ifndef __ASM_PGTABLE_PROT_H
#define __ASM_PGTABLE_PROT_H

#define PTE_WRITE		PTE_DBM		/* may be written, or made writable by the hardware */
#define PTE_SWP_EXCLUSIVE	(1UL << 2)
#define PTE_SWP_UFFD_WP		(1UL << 3)
#define PTE_DIRTY		(1UL << 55)
#define PTE_SPECIAL		(1UL << 56)
#define PTE_UFFD_WP		(1UL << 58)

/* Without valid, not-global says that there is a page: the entry is present, the MMU does not know. */
#define PTE_PRESENT_INVALID	PTE_NG

#define __PROT_USER_RO		(PTE_AF | PTE_SHARED | PTE_NG | PTE_PXN | PTE_USER | PTE_RDONLY)

#define PAGE_NONE		__pgprot((__PROT_USER_RO & ~PTE_USER) | PTE_UXN | PTE_PRESENT_INVALID)
#define PAGE_READONLY		__pgprot(__PROT_USER_RO | PTE_TYPE_PAGE | PTE_UXN)
#define PAGE_READONLY_EXEC	__pgprot(__PROT_USER_RO | PTE_TYPE_PAGE)
#define PAGE_SHARED		__pgprot(__PROT_USER_RO | PTE_TYPE_PAGE | PTE_UXN | PTE_WRITE)

/* Type in bits 6 to 10, offset above; what rides along below. */
#define __SWP_TYPE_SHIFT	6
#define __SWP_TYPE_BITS		5
#define __SWP_OFFSET_SHIFT	12
#define __SWP_OFFSET_BITS	50
#define __swp_type(x)		(((x).val >> __SWP_TYPE_SHIFT) & ((1UL << __SWP_TYPE_BITS) - 1))
#define __swp_offset(x)		(((x).val >> __SWP_OFFSET_SHIFT) & ((1UL << __SWP_OFFSET_BITS) - 1))
#define __swp_entry(type, off)	((swp_entry_t) { \
	((unsigned long)(type) << __SWP_TYPE_SHIFT) | ((unsigned long)(off) << __SWP_OFFSET_SHIFT) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __swp_entry_to_pte(x)	(__pte((x).val))

#define pte_swp_exclusive(pte)		(!!(pte_val(pte) & PTE_SWP_EXCLUSIVE))
#define pte_swp_mkexclusive(pte)	set_pte_bit(pte, PTE_SWP_EXCLUSIVE)
#define pte_swp_clear_exclusive(pte)	clear_pte_bit(pte, PTE_SWP_EXCLUSIVE)
#define pte_swp_uffd_wp(pte)		(!!(pte_val(pte) & PTE_SWP_UFFD_WP))
#define pte_swp_mkuffd_wp(pte)		set_pte_bit(pte, PTE_SWP_UFFD_WP)
#define pte_swp_clear_uffd_wp(pte)	clear_pte_bit(pte, PTE_SWP_UFFD_WP)

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_ADDR_MASK) >> PAGE_SHIFT;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot));
}

static inline pgprot_t pte_pgprot(pte_t pte)
{
	return __pgprot(pte_val(pte) & ~PTE_ADDR_MASK);
}

static inline pte_t pte_advance_pfn(pte_t pte, unsigned long nr)
{
	return pfn_pte(pte_pfn(pte) + nr, pte_pgprot(pte));
}
#define pte_advance_pfn pte_advance_pfn

#define pte_none(pte)		(!pte_val(pte))
#define pte_valid(pte)		(!!(pte_val(pte) & PTE_VALID))
#define pte_young(pte)		(!!(pte_val(pte) & PTE_AF))
#define pte_write(pte)		(!!(pte_val(pte) & PTE_WRITE))
#define pte_rdonly(pte)		(!!(pte_val(pte) & PTE_RDONLY))
#define pte_special(pte)	(!!(pte_val(pte) & PTE_SPECIAL))
#define pte_cont(pte)		(!!(pte_val(pte) & PTE_CONT))
#define pte_uffd_wp(pte)	(!!(pte_val(pte) & PTE_UFFD_WP))
#define pte_hw_dirty(pte)	(pte_write(pte) && !pte_rdonly(pte))
#define pte_sw_dirty(pte)	(!!(pte_val(pte) & PTE_DIRTY))
#define pte_dirty(pte)		(pte_sw_dirty(pte) || pte_hw_dirty(pte))

#endif
