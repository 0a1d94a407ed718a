/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_INLINE_H
#define _LINUX_MM_INLINE_H

/*
 * Entries of a file mapping were cleared that userfaultfd had write-protected: leave that known, in a marker for each.
 * pte is what the first of them was; all nr have the same uffd-wp.
 */
static inline bool pte_install_uffd_wp_if_needed(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t pte)
{
	bool wanted = pte_present(pte) ? pte_uffd_wp(pte) : pte_swp_uffd_wp_any(pte);

	if (!wanted || vma_is_anonymous(vma) || !userfaultfd_wp(vma))
		return false;
	set_pte_at(vma->vm_mm, addr, ptep, make_pte_marker(PTE_MARKER_UFFD_WP));
	return true;
}

#endif
