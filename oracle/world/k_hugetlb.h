/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel names for hugetlb folios of 2M: PMDs of a VMA of their own that are handled as entries, with the lock of PMDs
 * and a count beside rss. Semantics: include/linux/rmap.h, include/linux/hugetlb.h. No table of PMDs is shared here.
 */
#ifndef W_K_HUGETLB_H
#define W_K_HUGETLB_H

#define is_vm_hugetlb_page(vma) (((vma)->w_bits & W_V_HUGETLB) != 0)
#define hstate_vma(vma) ((void)(vma), (struct hstate *)0x4000)
#define huge_page_size(h) ((void)(h), HPAGE_PMD_SIZE)
#define pages_per_huge_page(h) ((void)(h), (unsigned long)HPAGE_PMD_NR)
#define hugetlb_walk(vma, addr, size) ((void)(vma), (void)(size), (pte_t *)&W.pmd[w_table_of_addr(addr)])
#define huge_pte_lock(h, mm, ptep) ((void)(h), pmd_lock(mm, ptep))

#define huge_pte_dirty(pte) pte_dirty(pte)
#define huge_pte_write(pte) pte_write(pte)
#define huge_ptep_get(mm, addr, ptep) ptep_get(ptep)
#define huge_ptep_get_and_clear(mm, addr, ptep, ...) ((void)(mm), (void)(addr), w_huge_clear(ptep))
#define huge_ptep_clear_flush(vma, addr, ptep) ({ pte_t w_was = w_huge_clear(ptep); \
	w_tlb_flush((vma)->vm_mm, addr, (addr) + HPAGE_PMD_SIZE); w_was; })
#define w_huge_clear(ptep) ({ pte_t *w_p = (ptep), w_is = ptep_get(w_p); w_huge_set(w_p, 0); w_is; })
static inline void w_huge_set(void *ptep, unsigned long new)
{
	w_step();
	w_count(pte_write);
	W.huge = true;
	w_pte_write(ptep, new, true);
	W.huge = false;
	*(unsigned long *)ptep = new;
}
/* C12: how many entries a huge page takes goes by its size; with another it would be past it, or not all of it. */
#define set_huge_pte_at(mm, addr, ptep, pte, size) do { \
	if ((size) != HPAGE_PMD_SIZE) \
		w_violate(C12, (int)(w_table_of_addr(addr) * W_SLOTS)); \
	w_huge_set(ptep, w_word(pte)); \
} while (0)

/* A huge page is mapped whole, by one entry. */
#define hugetlb_remove_rmap(f) folio_remove_rmap_pmd(f, &(f)->page, NULL)
#define hugetlb_count_sub(n, mm) ((mm)->rss[W_RSS_HUGETLB] -= (n))
#define hugetlb_vma_trylock_write(vma) ((void)(vma), !w_may_fail() && (spin_lock(&W.hvl), true))
#define hugetlb_vma_unlock_write(vma) ((void)(vma), spin_unlock(&W.hvl))
#define huge_pmd_unshare(...) 0
#define huge_pmd_unshare_flush(...) w_note(__VA_ARGS__)
#define adjust_range_if_pmd_sharing_possible(...) w_note(__VA_ARGS__)

#endif
