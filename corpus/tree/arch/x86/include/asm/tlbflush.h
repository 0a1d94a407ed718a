/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a changed entry leaves something in the TLB that has to go. */
#ifndef _ASM_X86_TLBFLUSH_H
#define _ASM_X86_TLBFLUSH_H

static inline bool pte_needs_flush(pte_t old, pte_t new)
{
	const pteval_t less = pte_val(old) & ~pte_val(new);

	/* What was never present, or never used, is in no TLB. */
	if (!(pte_val(old) & _PAGE_PRESENT) || !(pte_val(old) & _PAGE_ACCESSED))
		return false;
	if (pte_pfn(old) != pte_pfn(new))
		return true;
	/* Gaining no-execute takes a right away; losing any other bit may. */
	return (pte_val(new) & ~pte_val(old) & _PAGE_NX) ||
	       (less & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_DIRTY));
}
#define pte_needs_flush pte_needs_flush

#endif
