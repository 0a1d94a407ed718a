// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing what a range of page-table entries allows: mprotect, NUMA hinting, userfaultfd write protection. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include "internal.h"

/* Whether nothing but a missing write fault speaks against writing through this entry. */
static bool maybe_change_pte_writable(struct vm_area_struct *vma, pte_t pte)
{
	if (!(vma->vm_flags & VM_WRITE) || pte_protnone(pte))
		return false;
	/* Somebody waits for the next write to be noticed. */
	if (vma_soft_dirty_enabled(vma) && !pte_soft_dirty(pte))
		return false;
	return !(userfaultfd_wp(vma) && pte_uffd_wp(pte));
}

/* How many of the next pages are exclusive, or are not, as the first of them is. */
static unsigned int anon_exclusive_run(struct page *page, unsigned int nr)
{
	bool exclusive = PageAnonExclusive(page);
	unsigned int len = 1;

	while (len < nr && PageAnonExclusive(page + len) == exclusive)
		len++;
	return len;
}

static void commit_ptes(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
			pte_t oldpte, pte_t ptent, unsigned int nr)
{
	modify_prot_commit_ptes(vma, addr, ptep, oldpte, ptent, nr);
	if (pte_needs_flush(oldpte, ptent))
		tlb_flush_pte_range(tlb, addr, nr * PAGE_SIZE);
}

/* A private mapping: each page decides for itself whether it may be written without a copy. */
static void commit_anon_folio_ptes(struct mmu_gather *tlb, struct vm_area_struct *vma, struct page *page,
				   unsigned long addr, pte_t *ptep, pte_t oldpte, pte_t ptent, unsigned int nr)
{
	while (nr) {
		unsigned int len = anon_exclusive_run(page, nr);
		pte_t new = PageAnonExclusive(page) ? pte_mkwrite(ptent, vma) : ptent;

		commit_ptes(tlb, vma, addr, ptep, oldpte, new, len);
		oldpte = pte_advance_pfn(oldpte, len);
		ptent = pte_advance_pfn(ptent, len);
		addr += len * PAGE_SIZE;
		page += len;
		ptep += len;
		nr -= len;
	}
}

/* Whether a NUMA hinting fault on this entry would tell nothing, or could not be acted upon. */
static bool prot_numa_skip(struct vm_area_struct *vma, struct folio *folio)
{
	if (!folio || folio_is_zone_device(folio) || folio_test_ksm(folio))
		return true;
	if (is_cow_mapping(vma->vm_flags) && (folio_maybe_dma_pinned(folio) || folio_maybe_mapped_shared(folio)))
		return true;
	return folio_is_file_lru(folio) && folio_test_dirty(folio);
}

static unsigned int mprotect_folio_pte_batch(struct folio *folio, pte_t *ptep, pte_t pte, unsigned int max_nr,
					     fpb_t flags)
{
	if (max_nr == 1 || !folio || !folio_test_large(folio))
		return 1;
	return folio_pte_batch_flags(folio, NULL, ptep, &pte, max_nr, flags);
}

/* A present entry and those that go with it; says how many. */
static unsigned int change_present_ptes(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr,
					pte_t *ptep, pte_t pte, unsigned int max_nr, pgprot_t newprot,
					unsigned long cp_flags, long *pages)
{
	/* Write and soft-dirty decide what becomes of an entry: all entries of a batch have to agree on them. */
	fpb_t flags = FPB_RESPECT_WRITE | FPB_RESPECT_SOFT_DIRTY;
	struct folio *folio = vm_normal_folio(vma, addr, pte);
	pte_t oldpte, ptent;
	unsigned int nr;

	if (cp_flags & MM_CP_PROT_NUMA) {
		if (pte_protnone(pte))
			return 1;
		if (prot_numa_skip(vma, folio))
			return mprotect_folio_pte_batch(folio, ptep, pte, max_nr, 0);
	}

	nr = mprotect_folio_pte_batch(folio, ptep, pte, max_nr, flags);
	oldpte = modify_prot_start_ptes(vma, addr, ptep, nr);
	ptent = pte_modify(oldpte, newprot);
	if (cp_flags & MM_CP_UFFD_WP)
		ptent = pte_mkuffd_wp(ptent);
	else if (cp_flags & MM_CP_UFFD_WP_RESOLVE)
		ptent = pte_clear_uffd_wp(ptent);
	*pages += nr;

	if (!(cp_flags & MM_CP_TRY_CHANGE_WRITABLE) || pte_write(ptent) || !maybe_change_pte_writable(vma, ptent)) {
		commit_ptes(tlb, vma, addr, ptep, oldpte, ptent, nr);
		return nr;
	}
	if (vma->vm_flags & VM_SHARED) {
		/* Dirty: the file system knows about the write already. */
		if (pte_dirty(ptent))
			ptent = pte_mkwrite(ptent, vma);
		commit_ptes(tlb, vma, addr, ptep, oldpte, ptent, nr);
	} else if (folio && folio_test_anon(folio)) {
		commit_anon_folio_ptes(tlb, vma, pfn_to_page(pte_pfn(pte)), addr, ptep, oldpte, ptent, nr);
	} else {
		commit_ptes(tlb, vma, addr, ptep, oldpte, ptent, nr);
	}
	return nr;
}

static pte_t change_softleaf(softleaf_t entry, pte_t pte)
{
	struct folio *folio;
	pte_t newpte;

	if (!softleaf_is_migration_write(entry))
		return pte;
	/* Once the page is back it must not be writable; an anonymous one stays with its owner. */
	folio = softleaf_to_folio(entry);
	if (folio_test_anon(folio))
		entry = make_readable_exclusive_migration_entry(swp_offset(entry));
	else
		entry = make_readable_migration_entry(swp_offset(entry));
	newpte = swp_entry_to_pte(entry);
	if (pte_swp_soft_dirty(pte))
		newpte = pte_swp_mksoft_dirty(newpte);
	if (pte_swp_uffd_wp(pte))
		newpte = pte_swp_mkuffd_wp(newpte);
	return newpte;
}

/* One entry that is not present; says whether it changed. */
static bool change_nonpresent_pte(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep, pte_t pte,
				  unsigned long cp_flags)
{
	softleaf_t entry = softleaf_from_pte(pte);
	pte_t newpte;

	if (pte_none(pte)) {
		if (!(cp_flags & MM_CP_UFFD_WP) || !userfaultfd_wp_use_markers(vma))
			return false;
		set_pte_at(vma->vm_mm, addr, ptep, make_pte_marker(PTE_MARKER_UFFD_WP));
		return true;
	}
	if (softleaf_is_marker(entry)) {
		if (!softleaf_is_uffd_wp_marker(entry) || !(cp_flags & MM_CP_UFFD_WP_RESOLVE))
			return false;
		pte_clear(vma->vm_mm, addr, ptep);
		return true;
	}
	newpte = change_softleaf(entry, pte);
	if (cp_flags & MM_CP_UFFD_WP)
		newpte = pte_swp_mkuffd_wp(newpte);
	else if (cp_flags & MM_CP_UFFD_WP_RESOLVE)
		newpte = pte_swp_clear_uffd_wp(newpte);
	if (pte_same(pte, newpte))
		return false;
	set_pte_at(vma->vm_mm, addr, ptep, newpte);
	return true;
}

static long change_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr,
			     unsigned long end, pgprot_t newprot, unsigned long cp_flags)
{
	unsigned int nr;
	spinlock_t *ptl;
	long pages = 0;
	pte_t *ptep;

	tlb_change_page_size(tlb, PAGE_SIZE);
	ptep = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!ptep)
		return -EAGAIN;
	flush_tlb_batched_pending(vma->vm_mm);
	lazy_mmu_mode_enable();

	for (; addr != end; addr += nr * PAGE_SIZE, ptep += nr) {
		pte_t pte = ptep_get(ptep);

		nr = 1;
		if (pte_present(pte))
			nr = change_present_ptes(tlb, vma, addr, ptep, pte, (end - addr) >> PAGE_SHIFT, newprot, cp_flags,
						 &pages);
		else if (change_nonpresent_pte(vma, addr, ptep, pte, cp_flags))
			pages++;
	}

	lazy_mmu_mode_disable();
	pte_unmap_unlock(ptep - 1, ptl);
	return pages;
}
