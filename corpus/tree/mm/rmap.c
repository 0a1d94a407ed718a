// SPDX-License-Identifier: GPL-2.0-or-later
/* Unmapping a folio that is to be reclaimed. */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <asm/tlbflush.h>
#include "internal.h"

/* How many entries from the walk's on can go at once. */
static unsigned int folio_unmap_pte_batch(struct folio *folio, struct page_vma_mapped_walk *pvmw,
					  enum ttu_flags flags, pte_t pte)
{
	struct vm_area_struct *vma = pvmw->vma;
	unsigned long end_addr;

	if (flags & TTU_HWPOISON || !folio_test_large(folio))
		return 1;
	/* Each page of a swapbacked anonymous folio gets a swap entry of its own. */
	if (folio_test_anon(folio) && folio_test_swapbacked(folio))
		return 1;
	/* Each entry may need a marker of its own. */
	if (userfaultfd_wp(vma))
		return 1;

	end_addr = pmd_addr_end(pvmw->address, vma->vm_end);
	/* What cannot be unmapped is put back: write and soft-dirty of the first have to be those of all. */
	return folio_pte_batch_flags(folio, NULL, pvmw->pte, &pte, (end_addr - pvmw->address) >> PAGE_SHIFT,
				     FPB_RESPECT_WRITE | FPB_RESPECT_SOFT_DIRTY);
}

/* Takes nr entries out and sees to it that no processor uses them any more; says what the first was. */
static pte_t unmap_clear_ptes(struct folio *folio, struct page_vma_mapped_walk *pvmw, enum ttu_flags flags,
			      unsigned int nr)
{
	struct vm_area_struct *vma = pvmw->vma;
	unsigned long address = pvmw->address, end_addr = address + nr * PAGE_SIZE;
	pte_t pte;

	if (!pte_present(ptep_get(pvmw->pte)))
		return ptep_get_and_clear(vma->vm_mm, address, pvmw->pte);

	flush_cache_range(vma, address, end_addr);
	pte = get_and_clear_full_ptes(vma->vm_mm, address, pvmw->pte, nr, 0);
	if (should_defer_flush(vma->vm_mm, flags))
		set_tlb_ubc_flush_pending(vma->vm_mm, pte, address, end_addr);
	else
		flush_tlb_range(vma, address, end_addr);
	if (pte_dirty(pte))
		folio_mark_dirty(folio);
	return pte;
}

/* A lazily freed folio goes for good, unless it was written since or somebody holds it. */
static bool unmap_lazyfree(struct folio *folio, struct page_vma_mapped_walk *pvmw, pte_t pte, unsigned int nr)
{
	struct vm_area_struct *vma = pvmw->vma;
	int mapped = folio_mapcount(folio);
	int refs;

	/* A reference is taken before the page is read or written, and dropped after it was made dirty. */
	smp_mb();
	refs = folio_ref_count(folio);
	smp_rmb();
	if (folio_test_dirty(folio) && !(vma->vm_flags & VM_DROPPABLE)) {
		folio_set_swapbacked(folio);
	} else if (refs == 1 + mapped) {
		add_mm_counter(vma->vm_mm, MM_ANONPAGES, -(int)nr);
		return true;
	}
	set_ptes(vma->vm_mm, pvmw->address, pvmw->pte, pte, nr);
	return false;
}

static pte_t make_swap_pte(swp_entry_t entry, pte_t old, bool exclusive)
{
	bool present = pte_present(old);
	pte_t swp_pte = swp_entry_to_pte(entry);

	if (exclusive)
		swp_pte = pte_swp_mkexclusive(swp_pte);
	if (present ? pte_soft_dirty(old) : pte_swp_soft_dirty(old))
		swp_pte = pte_swp_mksoft_dirty(swp_pte);
	if (present ? pte_uffd_wp(old) : pte_swp_uffd_wp(old))
		swp_pte = pte_swp_mkuffd_wp(swp_pte);
	return swp_pte;
}

/* An anonymous page leaves a swap entry behind. */
static bool unmap_anon_page(struct folio *folio, struct page_vma_mapped_walk *pvmw, struct page *page, pte_t pte)
{
	struct mm_struct *mm = pvmw->vma->vm_mm;
	bool exclusive = PageAnonExclusive(page);

	if (WARN_ON_ONCE(!folio_test_swapcache(folio)) || folio_dup_swap(folio, page) < 0)
		goto restore;
	/* Its entry is gone already: nobody can pin the page between this and the swap entry. */
	if (exclusive && folio_try_share_anon_rmap_pte(folio, page)) {
		folio_put_swap(folio, page);
		goto restore;
	}
	dec_mm_counter(mm, MM_ANONPAGES);
	inc_mm_counter(mm, MM_SWAPENTS);
	set_pte_at(mm, pvmw->address, pvmw->pte, make_swap_pte(page_swap_entry(page), pte, exclusive));
	return true;

restore:
	set_pte_at(mm, pvmw->address, pvmw->pte, pte);
	return false;
}

/* The folio is locked and the caller holds a reference. False when some entry had to stay. */
static bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address);
	enum ttu_flags flags = (enum ttu_flags)(long)arg;
	struct mm_struct *mm = vma->vm_mm;
	unsigned int nr_pages;
	struct page *page;
	unsigned long pfn;
	bool done;
	pte_t pte;

	while (page_vma_mapped_walk(&pvmw)) {
		if (!(flags & TTU_IGNORE_MLOCK) && vma->vm_flags & VM_LOCKED) {
			if (!folio_test_large(folio))
				mlock_vma_folio(folio, vma);
			goto abort;
		}

		pte = ptep_get(pvmw.pte);
		pfn = pte_present(pte) ? pte_pfn(pte) : swp_offset(softleaf_from_pte(pte));
		page = folio_page(folio, pfn - folio_pfn(folio));
		nr_pages = pte_present(pte) ? folio_unmap_pte_batch(folio, &pvmw, flags, pte) : 1;
		pte = unmap_clear_ptes(folio, &pvmw, flags, nr_pages);
		pte_install_uffd_wp_if_needed(vma, pvmw.address, pvmw.pte, pte);

		if (PageHWPoison(page) && flags & TTU_HWPOISON) {
			dec_mm_counter(mm, mm_counter(folio));
			set_pte_at(mm, pvmw.address, pvmw.pte, swp_entry_to_pte(swp_entry(SWP_HWPOISON, pfn)));
		} else if (!folio_test_anon(folio)) {
			add_mm_counter(mm, mm_counter_file(folio), -(int)nr_pages);
		} else {
			if (folio_test_swapbacked(folio))
				done = unmap_anon_page(folio, &pvmw, page, pte);
			else
				done = unmap_lazyfree(folio, &pvmw, pte, nr_pages);
			if (!done)
				goto abort;
		}

		folio_remove_rmap_ptes(folio, page, nr_pages, vma);
		folio_put_refs(folio, nr_pages);
	}
	return true;

abort:
	page_vma_mapped_walk_done(&pvmw);
	return false;
}
