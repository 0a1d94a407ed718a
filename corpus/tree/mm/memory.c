// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking mappings down. */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <asm/tlb.h>
#include "internal.h"

/* What a zap of one page table has to do before it may drop the lock, and what it counted. */
struct zap_state {
	struct mmu_gather *tlb;
	struct vm_area_struct *vma;
	struct zap_details *details;
	int rss[NR_MM_COUNTERS];
	bool force_flush;
	bool force_break;
};

static bool zap_cows(struct zap_details *details)
{
	return !details || details->even_cows;
}

static bool zap_drop_markers(struct zap_details *details)
{
	return details && details->zap_flags & ZAP_FLAG_DROP_MARKER;
}

static bool should_zap_folio(struct zap_details *details, struct folio *folio)
{
	return zap_cows(details) || !folio_test_anon(folio);
}

/* pte was the first of nr entries that are gone. */
static void zap_install_uffd_wp(struct zap_state *zap, unsigned long addr, pte_t *ptep, unsigned int nr, pte_t pte)
{
	unsigned int i;

	if (vma_is_anonymous(zap->vma) || zap_drop_markers(zap->details))
		return;
	for (i = 0; i < nr; i++)
		pte_install_uffd_wp_if_needed(zap->vma, addr + i * PAGE_SIZE, ptep + i, pte);
}

static void zap_folio_ptes(struct zap_state *zap, struct folio *folio, struct page *page, unsigned long addr,
			   pte_t *ptep, unsigned int nr)
{
	struct mmu_gather *tlb = zap->tlb;
	bool delay_rmap = false;
	pte_t pte;

	pte = get_and_clear_full_ptes(tlb->mm, addr, ptep, nr, tlb->fullmm);
	zap->rss[mm_counter(folio)] -= nr;
	if (!folio_test_anon(folio)) {
		if (pte_dirty(pte)) {
			folio_mark_dirty(folio);
			/* Until the flush it can become dirty again: somebody has to find it mapped then. */
			if (tlb_delay_rmap(tlb)) {
				delay_rmap = true;
				zap->force_flush = true;
			}
		}
		if (pte_young(pte) && vma_has_recency(zap->vma))
			folio_mark_accessed(folio);
	}
	arch_check_zapped_pte(zap->vma, pte);
	tlb_remove_tlb_entries(tlb, ptep, nr, addr);
	zap_install_uffd_wp(zap, addr, ptep, nr, pte);
	if (!delay_rmap)
		folio_remove_rmap_ptes(folio, page, nr, zap->vma);
	if (__tlb_remove_folio_pages(tlb, page, nr, delay_rmap)) {
		zap->force_flush = true;
		zap->force_break = true;
	}
}

static unsigned int zap_present_ptes(struct zap_state *zap, unsigned long addr, pte_t *ptep, pte_t pte,
				     unsigned int max_nr)
{
	struct page *page = vm_normal_page(zap->vma, addr, pte);
	struct mmu_gather *tlb = zap->tlb;
	struct folio *folio;
	unsigned int nr = 1;

	if (!page) {
		pte = ptep_get_and_clear_full(tlb->mm, addr, ptep, tlb->fullmm);
		tlb_remove_tlb_entry(tlb, ptep, addr);
		zap_install_uffd_wp(zap, addr, ptep, 1, pte);
		return 1;
	}
	folio = page_folio(page);
	if (!should_zap_folio(zap->details, folio))
		return 1;
	if (folio_test_large(folio) && max_nr > 1)
		nr = folio_pte_batch(folio, ptep, pte, max_nr);
	zap_folio_ptes(zap, folio, page, addr, ptep, nr);
	return nr;
}

/* Whether entries that are not present go, and with them what they stood for. */
static bool zap_softleaf(struct zap_state *zap, softleaf_t entry, unsigned int nr)
{
	struct folio *folio;

	if (softleaf_is_swap(entry)) {
		if (!zap_cows(zap->details))
			return false;
		zap->rss[MM_SWAPENTS] -= nr;
		free_swap_and_cache_nr(entry, nr);
		return true;
	}
	if (softleaf_has_pfn(entry)) {
		folio = softleaf_to_folio(entry);
		if (!should_zap_folio(zap->details, folio))
			return false;
		zap->rss[mm_counter(folio)]--;
		if (softleaf_is_device_exclusive(entry)) {
			folio_remove_rmap_pte(folio, softleaf_to_page(entry), zap->vma);
			folio_put(folio);
		}
		return true;
	}
	if (softleaf_is_uffd_wp_marker(entry))
		return vma_is_anonymous(zap->vma) || zap_drop_markers(zap->details);
	/* A guard outlives what it guards; poison goes with private pages. */
	if (softleaf_to_marker(entry) & PTE_MARKER_GUARD)
		return zap_drop_markers(zap->details);
	return zap_cows(zap->details);
}

static unsigned int zap_nonpresent_ptes(struct zap_state *zap, unsigned long addr, pte_t *ptep, pte_t pte,
					unsigned int max_nr)
{
	softleaf_t entry = softleaf_from_pte(pte);
	unsigned int nr = 1;

	if (softleaf_is_swap(entry))
		nr = swap_pte_batch(ptep, max_nr, pte);
	if (!zap_softleaf(zap, entry, nr))
		return nr;
	clear_not_present_full_ptes(zap->vma->vm_mm, addr, ptep, nr, zap->tlb->fullmm);
	zap_install_uffd_wp(zap, addr, ptep, nr, pte);
	return nr;
}

static unsigned long zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr,
				   unsigned long end, struct zap_details *details)
{
	struct zap_state zap = { .tlb = tlb, .vma = vma, .details = details };
	struct mm_struct *mm = tlb->mm;
	pte_t *start_ptep, *ptep;
	spinlock_t *ptl;
	unsigned int nr;
	int i;

	tlb_change_page_size(tlb, PAGE_SIZE);
	start_ptep = ptep = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!ptep)
		return addr;
	flush_tlb_batched_pending(mm);
	lazy_mmu_mode_enable();
	do {
		pte_t pte = ptep_get(ptep);
		unsigned int max_nr = (end - addr) >> PAGE_SHIFT;

		nr = 1;
		if (need_resched())
			break;
		if (pte_present(pte))
			nr = zap_present_ptes(&zap, addr, ptep, pte, max_nr);
		else if (!pte_none(pte))
			nr = zap_nonpresent_ptes(&zap, addr, ptep, pte, max_nr);
		ptep += nr;
		addr += nr * PAGE_SIZE;
	} while (!zap.force_break && addr != end);

	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (zap.rss[i])
			add_mm_counter(mm, i, zap.rss[i]);
	lazy_mmu_mode_disable();

	/* Pages whose rmap was put off are found by their mapping until the TLB has forgotten them. */
	if (zap.force_flush) {
		tlb_flush_mmu_tlbonly(tlb);
		tlb_flush_rmaps(tlb, vma);
	}
	pte_unmap_unlock(start_ptep, ptl);
	if (zap.force_flush)
		tlb_flush_mmu(tlb);
	return addr;
}
