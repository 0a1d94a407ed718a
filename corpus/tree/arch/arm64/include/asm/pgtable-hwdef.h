/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stage 1 descriptors with a 4K granule, by the architecture manual; and the geometry of tables and blocks. */
#ifndef __ASM_PGTABLE_HWDEF_H
#define __ASM_PGTABLE_HWDEF_H

#define PTRS_PER_PTE		(1 << (PAGE_SHIFT - 3))
#define PMD_SHIFT		(2 * PAGE_SHIFT - 3)
#define PMD_SIZE		(1UL << PMD_SHIFT)
#define PMD_MASK		(~(PMD_SIZE - 1))

#define CONT_PTE_SHIFT		(CONFIG_ARM64_CONT_PTE_SHIFT + PAGE_SHIFT)
#define CONT_PTES		(1 << CONFIG_ARM64_CONT_PTE_SHIFT)
#define CONT_PTE_SIZE		(CONT_PTES * PAGE_SIZE)
#define CONT_PTE_MASK		(~(CONT_PTE_SIZE - 1))

#define PTE_VALID		(1UL << 0)
#define PTE_TYPE_PAGE		(3UL << 0)
#define PTE_USER		(1UL << 6)	/* AP[1] */
#define PTE_RDONLY		(1UL << 7)	/* AP[2] */
#define PTE_SHARED		(3UL << 8)	/* inner shareable */
#define PTE_AF			(1UL << 10)
#define PTE_NG			(1UL << 11)
#define PTE_DBM			(1UL << 51)
#define PTE_CONT		(1UL << 52)
#define PTE_PXN			(1UL << 53)
#define PTE_UXN			(1UL << 54)
#define PTE_ADDR_MASK		((1UL << 48) - (1UL << PAGE_SHIFT))

#endif
