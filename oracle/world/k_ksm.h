/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel names for pages of equal content, and for tables made on the way to a page. mm/ksm.c, mm/rmap.c, mm/memory.c. */
#ifndef W_K_KSM_H
#define W_K_KSM_H

/* page_address_in_vma, mm/rmap.c; takes the folio, too, since 6.13. */
static inline unsigned long w_page_address(const struct page *page, const struct vm_area_struct *vma)
{
	unsigned long at = w_head_of(page)->index + (unsigned long)(page - &w_head_of(page)->page);
	unsigned long addr = vma->vm_start + ((at - vma->vm_pgoff) << PAGE_SHIFT);

	w_step();
	return at < vma->vm_pgoff || addr >= vma->vm_end ? -EFAULT : addr;
}
#define w_address_3(folio, page, vma) w_page_address(page, vma)
#define w_address_2(page, vma) w_page_address(page, vma)
#define w_address_of(a, b, c, which, ...) which
#define page_address_in_vma(...) w_address_of(__VA_ARGS__, w_address_3, w_address_2)(__VA_ARGS__)

#define ksm_map_zero_page(mm) ((void)(mm))
#define is_ksm_zero_pte(pte) (is_zero_pfn(pte_pfn(pte)) && pte_dirty(pte))
#define ksm_test_exit(mm) ((void)(mm), (W.scn->salt & 0x600) == 0x600)

#define p4d_alloc(mm, p, a) ((void)(mm), w_may_fail() ? NULL : (p4d_t *)(p))
#define pud_alloc(mm, p, a) ((void)(mm), w_may_fail() ? NULL : (pud_t *)(p))
#define pmd_alloc(mm, p, a) ((void)(mm), (void)(p), w_may_fail() ? NULL : pmd_offset(p, a))
#define anon_vma_prepare(vma) ((void)(vma), w_may_fail() ? -ENOMEM : 0)

#endif
