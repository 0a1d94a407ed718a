// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/mm.h>
#include <asm/pgtable.h>

/* Adds what entry has in accessed, dirty and write to an entry; true when that changed anything. */
int __ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t entry, int dirty)
{
	const pteval_t add = pte_val(entry) & (PTE_AF | PTE_WRITE | PTE_DIRTY);
	const pteval_t drop = ~pte_val(entry) & PTE_RDONLY;
	pte_t old;

	if (pte_same(__ptep_get(ptep), entry))
		return 0;
	__ptep_update(ptep, old, clear_pte_bit(set_pte_bit(old, add), drop));
	if (dirty)
		flush_tlb_page(vma, addr);
	return 1;
}
