// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include "internal.h"

/* Where in the VMA the folio ends, or the VMA. */
static unsigned long walk_end(struct page_vma_mapped_walk *pvmw)
{
	struct vm_area_struct *vma = pvmw->vma;
	unsigned long end = vma->vm_start + ((pvmw->pgoff + pvmw->nr_pages - vma->vm_pgoff) << PAGE_SHIFT);

	return min(end, vma->vm_end);
}

static bool maps_folio(struct page_vma_mapped_walk *pvmw, pte_t pte)
{
	unsigned long pfn;

	if (pte_none(pte))
		return false;
	if (pte_present(pte)) {
		pfn = pte_pfn(pte);
	} else {
		softleaf_t entry = softleaf_from_pte(pte);

		if (!softleaf_is_device_exclusive(entry))
			return false;
		pfn = swp_offset(entry);
	}
	return pfn - pvmw->pfn < pvmw->nr_pages;
}

/**
 * page_vma_mapped_walk - the next entry of a VMA that maps a page of the folio
 * @pvmw: where the walk is; zero ->pte before it begins
 *
 * True with ->address and ->pte at the entry and its table locked; false at the end, nothing locked.
 */
bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw)
{
	unsigned long end = walk_end(pvmw);
	bool again = pvmw->pte;

	for (;; again = true) {
		if (again) {
			pvmw->address += PAGE_SIZE;
			if (pvmw->pte)
				pvmw->pte++;
			/* A table ends here: let it go. */
			if (pvmw->pte && !(pvmw->address & ~PMD_MASK)) {
				pte_unmap_unlock(pvmw->pte - 1, pvmw->ptl);
				pvmw->pte = NULL;
			}
		}
		if (pvmw->address >= end)
			break;
		if (!pvmw->pte) {
			pvmw->pmd = mm_find_pmd(pvmw->vma->vm_mm, pvmw->address);
			pvmw->pte = pte_offset_map_lock(pvmw->vma->vm_mm, pvmw->pmd, pvmw->address, &pvmw->ptl);
			if (!pvmw->pte)
				break;
		}
		if (maps_folio(pvmw, ptep_get(pvmw->pte)))
			return true;
	}
	page_vma_mapped_walk_done(pvmw);
	return false;
}
