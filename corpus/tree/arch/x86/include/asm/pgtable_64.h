/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw stores to a page table, and how a swap entry lies in one. */
#ifndef _ASM_X86_PGTABLE_64_H
#define _ASM_X86_PGTABLE_64_H

static inline void native_set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
}

static inline pte_t native_ptep_get_and_clear(pte_t *ptep)
{
	return __pte(xchg(&ptep->pte, 0));
}

static inline void native_pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	native_set_pte(ptep, __pte(0));
}

/* Type in the top five bits, offset below them and inverted: an entry never names low memory to the processor. */
#define SWP_TYPE_BITS		5
#define SWP_OFFSET_BITS		(64 - SWP_TYPE_BITS - 9)
#define SWP_OFFSET_FIELD	((1UL << SWP_OFFSET_BITS) - 1)

#define __swp_type(x)		((x).val >> (64 - SWP_TYPE_BITS))
#define __swp_offset(x)		((~(x).val >> 9) & SWP_OFFSET_FIELD)
#define __swp_entry(type, off)	((swp_entry_t) { \
	((unsigned long)(type) << (64 - SWP_TYPE_BITS)) | ((~(unsigned long)(off) & SWP_OFFSET_FIELD) << 9) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __swp_entry_to_pte(x)	(__pte((x).val))

#endif
