/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the MMU itself sees in a PTE: hardware bits only, from the architecture manuals (Intel SDM vol. 3 4.5;
 * Arm ARM D8.3, stage 1 descriptors, 48-bit output addresses). Software bits belong to the kernel's own accessors.
 */
#ifndef W_HW_H
#define W_HW_H

/*
 * PTEs that one contiguous bit covers, by granule (Arm ARM D8.6.1; ARM64_CONT_PTE_SHIFT in arch/arm64/Kconfig). Where
 * there is none scenarios are laid out by 16 all the same, so that flavours with 4K pages share them.
 */
#define W_BLOCK_ORDER (W_PAGE_SHIFT == 14 ? 7 : W_PAGE_SHIFT == 16 ? 5 : 4)
#define W_BLOCK (1U << W_BLOCK_ORDER)

#if defined(W_ARCH_X86)
#define W_HW_VALID(v) ((v) & 1UL)
#define W_HW_YOUNG(v) ((v) & (1UL << 5))
#define W_HW_WRITE(v) ((v) & (1UL << 1))
#define W_HW_EXEC(v) (!((v) & (1UL << 63)))	/* NX */
#define W_HW_USER(v) ((v) & (1UL << 2))	/* U/S */
/* A write through a translation cached as dirty does not set the bit again. */
#define W_HW_DIRTY(v) (((v) & (1UL << 1)) && ((v) & (1UL << 6)))
#define W_HW_ANY_DIRTY(v) ((v) & (1UL << 6))
#define W_HW_CONT(v) 0UL
#define W_HW_CONT_MASK 0UL
/* A huge PMD is a PTE with the page-size bit. */
#define W_HW_LEAF(v) ((v) & (1UL << 7))
#define W_HW_TO_LEAF(v) ((v) | (1UL << 7))
#define W_HW_FROM_LEAF(v) ((v) & ~(1UL << 7))
#define W_PREFAULTS_OLD false	/* arch_wants_old_prefaulted_pte(), with cpu_has_hw_af() on arm64 */
#define W_HW_AD_MASK ((1UL << 5) | (1UL << 6))
#define W_HW_ACCESSED(v) ((v) | (1UL << 5))
#define W_HW_WRITTEN(v) ((v) | (1UL << 5) | (1UL << 6))
#elif defined(W_ARCH_ARM64)
#define W_HW_VALID(v) ((v) & 1UL)
#define W_HW_YOUNG(v) ((v) & (1UL << 10))
/* DBM set: hardware may clear AP[2] on a write, so the entry is writable. */
#define W_HW_WRITE(v) ((v) & (1UL << 51))
#define W_HW_EXEC(v) (!((v) & (1UL << 54)))	/* UXN */
/* AP[1], without which user code may neither read nor write; no VMA here is for execution only. */
#define W_HW_USER(v) ((v) & (1UL << 6))
/* With DBM, AP[2] clear means written. */
#define W_HW_DIRTY(v) (W_HW_WRITE(v) && !((v) & (1UL << 7)))
/* The same, or the bit that software keeps. */
#define W_HW_ANY_DIRTY(v) (W_HW_DIRTY(v) || ((v) & (1UL << 55)))
#define W_HW_CONT(v) ((v) & (1UL << 52))
#define W_HW_CONT_MASK (1UL << 52)
/* A block descriptor is a page descriptor with bit 1 clear. */
#define W_HW_LEAF(v) (((v) & 3UL) == 1)
#define W_HW_TO_LEAF(v) ((v) & ~2UL)
#define W_HW_FROM_LEAF(v) ((v) | 2UL)
#define W_PREFAULTS_OLD true
/* AF, AP[2] (clear once written) and the software dirty bit the kernel keeps beside it. */
#define W_HW_AD_MASK ((1UL << 10) | (1UL << 7) | (1UL << 55))
#define W_HW_ACCESSED(v) ((v) | (1UL << 10))
#define W_HW_WRITTEN(v) (((v) | (1UL << 10)) & ~(1UL << 7))
#else
#error "no flavour"
#endif
#define W_HW_PFN_MASK ((1UL << 48) - (1UL << W_PAGE_SHIFT))
#define W_HW_PFN(v) (((v) & W_HW_PFN_MASK) >> W_PAGE_SHIFT)

#endif
