/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bits of an x86 page-table entry, by the numbers of the manual and of the kernel's software bits. */
#ifndef _ASM_X86_PGTABLE_TYPES_H
#define _ASM_X86_PGTABLE_TYPES_H

#define _PAGE_BIT_RW		1
#define _PAGE_BIT_ACCESSED	5
#define _PAGE_PRESENT		(1UL << 0)
#define _PAGE_RW		(1UL << _PAGE_BIT_RW)
#define _PAGE_USER		(1UL << 2)
#define _PAGE_PWT		(1UL << 3)
#define _PAGE_ACCESSED		(1UL << _PAGE_BIT_ACCESSED)
#define _PAGE_DIRTY		(1UL << 6)
#define _PAGE_GLOBAL		(1UL << 8)
#define _PAGE_SPECIAL		(1UL << 9)
#define _PAGE_UFFD_WP		(1UL << 10)
#define _PAGE_SOFT_DIRTY	(1UL << 11)
#define _PAGE_NX		(1UL << 63)

/* Global means nothing without present: such an entry maps a page that nobody may touch. */
#define _PAGE_PROTNONE		_PAGE_GLOBAL

/* A swap entry reuses low bits that the processor does not look at. */
#define _PAGE_SWP_SOFT_DIRTY	_PAGE_RW
#define _PAGE_SWP_UFFD_WP	_PAGE_USER
#define _PAGE_SWP_EXCLUSIVE	_PAGE_PWT

#define PTE_PFN_MASK		0x000ffffffffff000UL
/* What a change of protection leaves alone. */
#define _PAGE_CHG_MASK		(PTE_PFN_MASK | _PAGE_SPECIAL | _PAGE_ACCESSED | \
				 _PAGE_DIRTY | _PAGE_SOFT_DIRTY | _PAGE_UFFD_WP)

typedef struct pgprot { pgprotval_t pgprot; } pgprot_t;
typedef struct { pmdval_t pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long p4d; } p4d_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct page *pgtable_t;

#define pgprot_val(x)		((x).pgprot)
#define __pgprot(x)		((pgprot_t) { (x) })
#define pte_val(x)		((x).pte)
#define __pte(x)		((pte_t) { (x) })
#define pmd_val(x)		((x).pmd)
#define __pmd(x)		((pmd_t) { (x) })

#define PAGE_NONE		__pgprot(_PAGE_ACCESSED | _PAGE_PROTNONE)
#define PAGE_READONLY		__pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_NX)
#define PAGE_READONLY_EXEC	__pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_SHARED		__pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_RW | _PAGE_NX)

#endif
