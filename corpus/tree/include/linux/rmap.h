/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reverse map: from a folio to the entries of one VMA that map it. */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

enum ttu_flags {
	TTU_IGNORE_MLOCK	= 0x08,
	TTU_SYNC		= 0x10,
	TTU_HWPOISON		= 0x20,
	TTU_BATCH_FLUSH		= 0x40,
};

/* Entries that were device-exclusive count as mappings; migration entries do only when they are asked for. */
struct page_vma_mapped_walk {
	unsigned long pfn;
	unsigned long nr_pages;
	pgoff_t pgoff;
	struct vm_area_struct *vma;
	unsigned long address;
	pmd_t *pmd;
	pte_t *pte;
	spinlock_t *ptl;
};

#define DEFINE_FOLIO_VMA_WALK(name, folio, vma_, addr) \
	struct page_vma_mapped_walk name = { \
		.pfn = folio_pfn(folio), .nr_pages = folio_nr_pages(folio), .pgoff = (folio)->index, \
		.vma = vma_, .address = addr, \
	}

static inline void page_vma_mapped_walk_done(struct page_vma_mapped_walk *pvmw)
{
	if (pvmw->pte)
		pte_unmap_unlock(pvmw->pte, pvmw->ptl);
	pvmw->pte = NULL;
}

bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw);

#endif
