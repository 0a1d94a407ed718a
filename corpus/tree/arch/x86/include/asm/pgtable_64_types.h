/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table geometry and raw value types, 64-bit x86. */
#ifndef _ASM_X86_PGTABLE_64_TYPES_H
#define _ASM_X86_PGTABLE_64_TYPES_H

typedef unsigned long pteval_t;
typedef unsigned long pmdval_t;
typedef unsigned long pgprotval_t;

typedef struct { pteval_t pte; } pte_t;

#define PMD_SHIFT	21
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define PTRS_PER_PTE	512

#endif
