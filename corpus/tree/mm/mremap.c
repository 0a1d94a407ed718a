// SPDX-License-Identifier: GPL-2.0-or-later
/* Moving the page-table entries of a mapping to another address. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/swapops.h>
#include "internal.h"

/* A move: the two VMAs, how far it has come in each, and where it ends. */
struct pagetable_move_control {
	struct vm_area_struct *old;
	struct vm_area_struct *new;
	unsigned long old_addr;
	unsigned long old_end;
	unsigned long new_addr;
	unsigned long len_in;
	bool need_rmap_locks;
	bool for_stack;
};

/* Userspace that tracks soft-dirty finds every moved entry dirty. */
static pte_t move_soft_dirty_pte(pte_t pte)
{
	if (pte_present(pte))
		return pte_mksoft_dirty(pte);
	return softleaf_is_swap(softleaf_from_pte(pte)) ? pte_swp_mksoft_dirty(pte) : pte;
}

/* The new place is not registered with this userfaultfd: its protection does not go along. */
static pte_t move_drop_uffd_wp(pte_t pte)
{
	return pte_present(pte) ? pte_clear_uffd_wp(pte) : pte_swp_clear_uffd_wp(pte);
}

static int move_ptes(struct pagetable_move_control *pmc, unsigned long extent, pmd_t *old_pmd, pmd_t *new_pmd)
{
	struct vm_area_struct *vma = pmc->old;
	bool drop_uffd_wp = vma_has_uffd_without_event_remap(vma);
	struct mm_struct *mm = vma->vm_mm;
	unsigned long old_addr = pmc->old_addr, new_addr = pmc->new_addr;
	unsigned long old_end = old_addr + extent;
	spinlock_t *old_ptl, *new_ptl;
	pte_t *old_ptep, *new_ptep;
	bool force_flush = false;
	pmd_t unused;
	int err = 0;
	pte_t pte;

	/* An rmap walk must meet the page at one address or the other. */
	if (pmc->need_rmap_locks)
		take_rmap_locks(vma);

	old_ptep = pte_offset_map_lock(mm, old_pmd, old_addr, &old_ptl);
	if (!old_ptep) {
		err = -EAGAIN;
		goto out;
	}
	new_ptep = pte_offset_map_rw_nolock(mm, new_pmd, new_addr, &unused, &new_ptl);
	if (!new_ptep) {
		pte_unmap_unlock(old_ptep, old_ptl);
		err = -EAGAIN;
		goto out;
	}
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	flush_tlb_batched_pending(mm);
	lazy_mmu_mode_enable();

	for (; old_addr < old_end; old_ptep++, old_addr += PAGE_SIZE, new_ptep++, new_addr += PAGE_SIZE) {
		VM_WARN_ON_ONCE(!pte_none(ptep_get(new_ptep)));
		if (pte_none(ptep_get(old_ptep)))
			continue;

		pte = ptep_get_and_clear(mm, old_addr, old_ptep);
		/* Others may write through the old translation until it is flushed, which has to be before the unlock. */
		if (pte_present(pte))
			force_flush = true;
		pte = move_pte(pte, old_addr, new_addr);
		pte = move_soft_dirty_pte(pte);
		if (drop_uffd_wp) {
			if (pte_is_uffd_wp_marker(pte))
				continue;
			pte = move_drop_uffd_wp(pte);
		}
		set_pte_at(mm, new_addr, new_ptep, pte);
	}

	lazy_mmu_mode_disable();
	if (force_flush)
		flush_tlb_range(vma, old_end - extent, old_end);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	pte_unmap(new_ptep - 1);
	pte_unmap_unlock(old_ptep - 1, old_ptl);
out:
	if (pmc->need_rmap_locks)
		drop_rmap_locks(vma);
	return err;
}
